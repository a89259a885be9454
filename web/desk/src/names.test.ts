import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calledIn, markOf, titleIn, type Titles } from './names'

const TITLES: Titles = {
  sales: { en: 'Sales', zh: '销售' },
  'order {}': { en: 'order {}', zh: '订单 {}' },
  'complaint, order {}': { en: 'complaint, order {}', zh: '投诉，订单 {}' },
  '订票：{}到{}': { en: 'tickets: {} to {}', zh: '订票：{}到{}' },
  cancel_order: { en: 'wants to cancel an order', zh: '想取消订单' },
  tea: { '': 'Tea' },
}

test.each([
  ['sales', 'zh', '销售'],
  ['order 100101', 'zh', '订单 100101'],
  ['order 100101', 'en', 'order 100101'],
  ['complaint, order 7', 'zh', '投诉，订单 7'],
  ['订票：北京到上海', 'en', 'tickets: 北京 to 上海'],
  ['wanted: cancel_order, odd_thing; order_number: 1', 'zh', '想取消订单，odd thing'],
  ['wanted: -; -', 'en', '-'],
  ['nobody has named this', 'zh', 'nobody has named this'],
  ['toString', 'zh', 'toString'],
  ['tea', 'zh', 'Tea'],
  ['order {}', 'zh', '订单 {}'],
  ['order $& {}', 'zh', '订单 $& '],
])('%s in %s is %s', (name, language, title) => {
  expect(calledIn(TITLES, language, name)).toBe(title)
})

test('whatever customers and flows say, something is shown', () => {
  fc.assert(fc.property(fc.string({ minLength: 1 }), (name) => calledIn(TITLES, 'zh', `order x${name}`).endsWith(name.replaceAll('{}', ''))))
})

test('a title is found by its language, with or without a region', () => {
  expect(titleIn({ en: 'a', 'zh-CN': '甲' }, 'zh')).toBe('甲')
  expect(titleIn({ de: 'x' }, 'zh')).toBe('x')
  expect(titleIn({}, 'zh')).toBe('')
})

test('a visitor has one mark', () => {
  expect(markOf('vis_01jd8m9k4x7yq2w3e4r5t63f2a')).toBe('3F2A')
})
