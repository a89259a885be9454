import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cannedReplies, fill, unfill } from './canned'

test.each([
  ['Hello {name}, this is {agent}.', { name: 'Ada', agent: 'Tom' }, 'Hello Ada, this is Tom.'],
  ['Hello {name}, this is {agent}.', { agent: 'Tom' }, 'Hello, this is Tom.'],
  ['{name}您好，我是{agent}。', { agent: '李强' }, '您好，我是李强。'],
  ['I have your order {order} here.', {}, 'I have your order here.'],
  ['{unknown} stays out', {}, ' stays out'],
])('%s', (text, values, filled) => {
  expect(fill(text, values)).toBe(filled.trimStart())
})

test('no reply ever shows a variable to a customer', () => {
  const some = fc.option(fc.string({ maxLength: 8 }).map((text) => text.replace(/[{}]/g, '')), { nil: undefined })
  const values = fc.record({ name: some, agent: some, order: some, ticket: some })
  fc.assert(
    fc.property(values, (known) => {
      const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
      for (const reply of cannedReplies()) {
        expect(fill(reply.text.en ?? '', given) + fill(reply.text.zh ?? '', given)).not.toMatch(/[{}]/)
      }
    }),
  )
})

test('what is kept as a reply names no customer', () => {
  expect(unfill('Hello Ada, about A1001', { name: 'Ada', order: 'A1001' })).toBe('Hello {name}, about {order}')
})
