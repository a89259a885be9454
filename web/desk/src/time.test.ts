import { expect, test } from 'vitest'
import { clockOf } from './time'

test.each([
  [-5, '0:00'],
  [0, '0:00'],
  [59_999, '0:59'],
  [61_000, '1:01'],
  [3_600_000, '1:00:00'],
  [47 * 3_600_000 + 59_000, '47:00:59'],
  [50 * 3_600_000, '2d 2h'],
])('%d ms is %s', (ms, shown) => {
  expect(clockOf(ms, 'en')).toBe(shown)
})

test('days are told in Chinese too', () => {
  expect(clockOf(50 * 3_600_000, 'zh')).toBe('2天2小时')
  expect(clockOf(61_000, 'zh')).toBe('1:01')
})
