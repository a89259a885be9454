import { describe, expect, test } from 'vitest'
import { explain, sizeOf, typeOf } from './files'
import { fault } from './form'
import { readLine } from './lines'
import { patience } from './link'
import { readFields, readSettings } from './settings'
import { languageOf, wordsOf } from './words'

test('the form is what the host asks for', () => {
  expect(readFields('name! email, name, colour')).toEqual([{ name: 'name', needed: true }, { name: 'email', needed: false }])
})

test('settings come from the script tag, and nothing else gets into the page', () => {
  const settings = readSettings('https://cc.example.com/chat/widget.js?v=1', { color: 'red;}', position: 'left' }, 'zh-CN')
  expect(settings).toMatchObject({ base: 'https://cc.example.com', color: '', side: 'left', language: 'zh', fields: [] })
  expect(readSettings('https://cc.example.com/x.js', { color: '#1c5f8a', language: 'en' }, 'zh').color).toBe('#1c5f8a')
})

test('languages', () => {
  expect([languageOf('', 'zh-Hans'), languageOf('fr'), languageOf(undefined, null)]).toEqual(['zh', 'en', 'en'])
  expect(Object.keys(wordsOf('zh'))).toEqual(Object.keys(wordsOf('en')))
  expect(Object.values(wordsOf('zh')).every((word) => typeof word === 'function' || /\p{Script=Han}|@/u.test(word))).toBe(true)
})

test('tries come ever more rarely, and never all at once', () => {
  expect(patience(0, 1)).toBe(0.5)
  expect(patience(3, 0)).toBe(2)
  expect(patience(50, 1)).toBe(30)
})

test('lines that are none', () => {
  expect([readLine('x'), readLine('null'), readLine('{"a":1}'), readLine('[]')]).toEqual([null, null, null, null])
  expect(readLine('{"type":"anew"}')).toEqual({ type: 'anew' })
})

describe('files', () => {
  test('types', () => {
    expect(typeOf('a.PNG', '')).toBe('image/png')
    expect(typeOf('a.csv', 'text/csv')).toBe('text/plain')
    expect(typeOf('a.exe', 'application/x-msdownload')).toBe('application/x-msdownload')
  })
  test('sizes and refusals', () => {
    expect([sizeOf(70), sizeOf(1500), sizeOf(5_242_880)]).toEqual(['70 B', '2 kB', '5.2 MB'])
    expect(explain(wordsOf('en'), 'size', 5_242_880)).toContain('5.2 MB')
    expect(explain(wordsOf('en'), 'anything', 1)).toBe('could not be sent')
  })
})

test('faults of the form', () => {
  const words = wordsOf('en')
  expect(fault(words, { name: 'name', needed: true }, '  ')).toBe(words.needed)
  expect(fault(words, { name: 'email', needed: false }, '')).toBe('')
  expect(fault(words, { name: 'email', needed: false }, 'nonsense')).toBe(words.badEmail)
  expect(fault(words, { name: 'email', needed: true }, 'a@b')).toBe('')
})
