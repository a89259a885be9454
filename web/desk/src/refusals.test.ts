import { expect, test } from 'vitest'
import { refusalIn } from './refusals'
import known from './refusals.json'

const refused = (code: string, message: string) => ({ code, message })

test.each([
  ['This offer was made to another agent.', '此任务已分配给其他坐席。', 'This offer was made to another agent.'],
  ['This offer is over (it has run out); wait for the next one.', '此任务已结束，请等待下一个。', 'This offer is over (it has run out); wait for the next one.'],
  ['That agent takes no work now (break); choose another one, or a queue.', '该坐席当前不接受任务（小休）；请选择其他坐席或队列。', 'That agent takes no work now (break); choose another one, or a queue.'],
  ['Ticket 12345678 is in progress and cannot be reopened: it is not over.', '工单 12345678 当前为“处理中”，无法执行此操作。', 'Ticket 12345678 is in progress and cannot be reopened: it is not over.'],
  ["There is no ticket with that number; check the digits, `contact-center tickets list`.", '没有此编号的工单，请核对号码。', 'There is no ticket with that number; check the digits.'],
  ['There is no contact con_1; `contact-center contacts list` shows them.', '没有此联系记录。', 'There is no such contact.'],
  ['This needs the role supervisor; this token has the role agent.', '此操作需要“班长”角色，您的角色是“坐席”。', 'This needs the role Supervisor; you have the role Agent.'],
])('%s', (message, chinese, english) => {
  expect(refusalIn('zh', refused('refused', message))).toBe(chinese)
  expect(refusalIn('en', refused('refused', message))).toBe(english)
})

test('what the desk does not know is told by its code, and what matters is kept', () => {
  expect(refusalIn('zh', refused('refused', 'A rule of tomorrow.'))).toBe('规则不允许此操作（A rule of tomorrow.）')
  expect(refusalIn('en', refused('refused', 'A rule of tomorrow.'))).toBe('A rule of tomorrow.')
  expect(refusalIn('zh', refused('store_down', 'The database does not answer just now.'))).not.toMatch(/[a-z]{2}/)
  expect(refusalIn('en', refused('unexpected', 'Reference err_1.'))).toBe('Something went wrong (Reference err_1.)')
  expect(refusalIn('zh', refused('of_tomorrow', ''))).toBe('出现错误')
})

test('every sentence fills only places that it has, and its Chinese is Chinese', () => {
  for (const { says, zh, en } of known as { says: string; zh: string; en?: string }[]) {
    const places = says.split('{}').length - 1
    for (const text of [zh, en ?? '']) {
      for (const [, number] of text.matchAll(/\{(\d)\}/g)) expect(Number(number), says).toBeLessThanOrEqual(places)
    }
    expect(zh.replace(/START|Twilio|name@example\.com/g, ''), says).not.toMatch(/[a-z]{2}/i)
  }
})
