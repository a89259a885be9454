import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dialable, isDialable, isOwnNumber, keyOf, keysIn } from './keys'

const key = (name: string, more: object = {}) =>
  keyOf({ key: name, ctrlKey: false, altKey: false, metaKey: false, isComposing: false, ...more })

describe('keys of the keyboard', () => {
  test.each([['1', '1'], ['#', '#'], ['*', '*'], ['５', '5'], ['＃', '#'], ['a', ''], ['Enter', ''], ['F1', ''], [' ', '']])(
    '%s is %s', (name, wanted) => expect(key(name)).toBe(wanted))

  test('shortcuts and unfinished characters are none', () => {
    for (const more of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { isComposing: true }]) {
      expect(key('1', more)).toBe('')
    }
  })
})

describe('numbers', () => {
  test.each([
    ['1001', '1001'], ['+1 (202) 555-0101', '+12025550101'], ['tel:+12025550101', '+12025550101'],
    ['＋８６ １０ ６５５５ ００００', '+861065550000'], ['0044 20 7946 0000', '+442079460000'], ['+44 (0)20 7946 0000', '+442079460000'],
    ['*98#', '*98#'],
  ])('%s is dialled as %s', (text, wanted) => {
    expect(dialable(text)).toBe(wanted)
    expect(isDialable(dialable(text))).toBe(true)
  })

  test.each(['', '+', 'abc', '1'.repeat(21), '12;34', 'sip:a@b'])('%s cannot be dialled', (text) =>
    expect(isDialable(dialable(text))).toBe(false))

  test.each([['+12025550123', true], ['12025550123', false], ['+0123456789', false], ['+1202', false]])(
    '%s as a number of one’s own: %s', (text, wanted) => expect(isOwnNumber(text)).toBe(wanted))

  test('what is dialable stays as it is', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const once = dialable(text)
      fc.pre(isDialable(once))
      expect(dialable(once)).toBe(once)
    }))
  })
})

test.each([['12 34', '1234'], ['１２', '12'], ['10-01#', '1001#'], ['two', ''], ['2 drills', ''], ['', '']])(
  'the answer %s has the keys %s', (text, wanted) => expect(keysIn(text)).toBe(wanted))
