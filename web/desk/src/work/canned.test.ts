import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DeskSetup } from '../api/types'
import { fill, repliesFor, unfill } from './canned'

test.each([
  ['Hello {name}, this is {agent}.', { name: 'Ada', agent: 'Tom' }, 'Hello Ada, this is Tom.'],
  ['Hello {name}, this is {agent}.', { agent: 'Tom' }, 'Hello, this is Tom.'],
  ['{name}您好，我是{agent}。', { agent: '李强' }, '您好，我是李强。'],
  ['I have your order {order} here.', {}, 'I have your order here.'],
  ['Thank you, {name}. Bye!', {}, 'Thank you. Bye!'],
  ['Thank you, {name}. Bye!', { name: 'Ada' }, 'Thank you, Ada. Bye!'],
  ['{unknown} stays out', {}, 'stays out'],
])('%s', (text, values, filled) => {
  expect(fill(text, values)).toBe(filled)
})

test('no reply ever shows a variable to a customer', () => {
  const some = fc.option(fc.string({ maxLength: 8 }).map((text) => text.replace(/[{}]/g, '')), { nil: undefined })
  const values = fc.record({ name: some, agent: some, order: some, ticket: some, company: some })
  const word = fc.constantFrom('Hello ', '{name}', ', ', '{order}', '您好，', '{agent}', '{company}', '.', '{ticket}')
  const texts = fc.array(word, { maxLength: 8 }).map((words) => words.join(''))
  fc.assert(
    fc.property(texts, values, (text, known) => {
      const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
      expect(fill(text, given)).not.toMatch(/[{}]/)
    }),
  )
})

test('what is kept as a reply names no customer', () => {
  expect(unfill('Hello Ada, about A1001', { name: 'Ada', order: 'A1001' })).toBe('Hello {name}, about {order}')
})

const own = (name: string, language: string, queue: string) => ({ id: name, name, language, queue, text: `own ${name}`, updated_at: '', version: 0 })
const SETUP = {
  replies: [
    { name: 'hello', text: { en: 'Hello', zh: '您好' }, queues: [] },
    { name: 'sale', text: { en: 'Buy' }, queues: ['sales'] },
  ],
  own_replies: [own('hello', 'en', ''), own('ship', '', 'orders'), own('zh', 'zh-CN', '')],
} as unknown as DeskSetup

test.each([
  ['sales', 'en', ['own hello', 'Buy']],
  ['orders', 'en', ['own hello', 'own ship']],
  ['orders', 'zh', ['own ship', 'own zh', '您好']],
] as const)('replies of the queue %s in %s', (queue, language, texts) => {
  expect(repliesFor(SETUP, queue, language).map((each) => each.text)).toEqual(texts)
})

test('none before they are known', () => {
  expect(repliesFor(undefined, 'sales', 'en')).toEqual([])
})
