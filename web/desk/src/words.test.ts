import { expect, test } from 'vitest'
import { isKey, KEYS, say } from './words'
import { matches } from './matches'

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()

test('every text has words and the same places in both languages', () => {
  const odd = KEYS.filter((key) => {
    const [en, zh] = [say('en', key), say('zh', key)]
    return !en || !zh || String(places(en)) !== String(places(zh))
  })
  expect(odd).toEqual([])
})

test('a value is filled in, and what is hostile stays text', () => {
  expect(say('en', 'transferred_to', { name: '<b>{name}</b>' })).toBe('Transferred to <b>{name}</b>')
})

test('codes of the engine are known by their prefix only', () => {
  expect(isKey('w_available')).toBe(true)
  expect(isKey('toString')).toBe(false)
})

test.each([
  ['Go to Tickets', 'gtk', true],
  ['Go to Tickets', 'tick', true],
  ['Go to Tickets', 'kt', true],
  ['Go to Tickets', 'xyz', false],
  ['前往 工单', '工单', true],
  ['anything', '', true],
])('%s found by %s: %s', (label, text, found) => {
  expect(matches(label, text)).toBe(found)
})
