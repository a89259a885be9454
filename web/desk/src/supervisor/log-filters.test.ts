import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf, count, FIELDS, type Filters, filtersIn, instantOf, localOf } from './log-filters'

const read = (address: string) => filtersIn(new URLSearchParams(address.split('?')[1] ?? ''))

test('a search survives its address, whatever was typed', () => {
  const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text && text.length <= 200)
  const filters = fc.record(
    Object.fromEntries(FIELDS.filter((field) => field !== 'since' && field !== 'until').map((field) => [field, value])),
    { requiredKeys: [] },
  )
  fc.assert(fc.property(filters, (given) => void expect(read(addressOf(given as Filters))).toEqual(given)))
})

test('an address always looks the same, and nothing asked for is no address', () => {
  expect(addressOf({ tag: 'late', words: 'a & b' })).toBe('/log?words=a+%26+b&tag=late')
  expect(addressOf({ words: ' ', tag: '' })).toBe('/log')
  expect(addressOf({ tag: 'late' }, 'abc=')).toBe('/log?tag=late&cursor=abc%3D')
})

test('what is no filter is left out', () => {
  expect(read('/log?words=x&evil=1&since=yesterday&until=2026-03-02T09:30:00Z&cursor=c')).toEqual({ words: 'x', until: '2026-03-02T09:30:00Z' })
  expect(read(`/log?words=${'x'.repeat(500)}`).words!.length).toBe(200)
  expect(count({ words: 'x', tag: ' ' })).toBe(1)
})

test('an instant is the same after it was shown in this zone', () => {
  expect(instantOf(localOf('2026-03-02T09:30:00.000Z'))).toBe('2026-03-02T09:30:00.000Z')
  expect([localOf(undefined), localOf('x'), instantOf('x'), instantOf('')]).toEqual(['', '', '', ''])
})
