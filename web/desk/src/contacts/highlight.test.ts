import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markedParts } from './highlight'

const shown = (text: string, query: string) => markedParts(text, query).map((part) => (part.hit ? `[${part.text}]` : part.text)).join('')

test.each([
  ['The parcel is broken', 'PARCEL', 'The [parcel] is broken'],
  ['The parcels are broken', 'parcel broken', 'The parcels are [broken]'],
  ['The parcels are broken', 'broken parcel', 'The [parcel]s are [broken]'],
  ['two weeks, not two', '"two weeks"', '[two] [weeks], not [two]'],
  ['unparcelled', 'parcel', 'unparcelled'],
  ['快递坏了，我要投诉', '投诉', '快递坏了，我要[投诉]'],
  ['快递坏了，我要投诉', '快递投诉', '[快递]坏了，我要[投诉]'],
  ['订单A1001在哪', 'a1001', '订单[A1001]在哪'],
  ['Ｆｕｌｌ width', 'full', '[Ｆｕｌｌ] width'],
  ['<b>x</b>', '<b>', '<[b]>x</[b]>'],
  ['anything', '', 'anything'],
  ['anything', '%%', 'anything'],
  ['', 'word', ''],
])('%s with %s', (text, query, marked) => expect(shown(text, query)).toBe(marked))

test('nothing of a text is lost or added', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, query) => {
      expect(markedParts(text, query).map((part) => part.text).join('')).toBe(text)
    }),
  )
})
