import { expect, test } from 'vitest'
import { type Language, say } from '../words'
import { decidedSentence, expectedOf, type NextStep, needsOf, passedOver, reasonOf, stepOf, type Telling, type Why, type WhyAgent, waitingSentence } from './why-words'

type Waiting = NonNullable<Why['waiting']>

const AT = '2026-03-02T09:30:00Z'
const at = (seconds: number) => new Date(Date.parse(AT) + seconds * 1000).toISOString()

const telling = (language: Language = 'en'): Telling => ({
  t: (key, values) => say(language, key, values),
  language,
  nameOf: (id) => ({ agt_1: 'Grace', agt_2: 'Tom' })[id] ?? id,
  titleOf: (queue) => queue.toUpperCase(),
  word: (code) => code.replaceAll('_', ' '),
  now: Date.parse(AT),
})

const agent = (fields: Partial<WhyAgent>): WhyAgent => ({
  agent_id: 'agt_1',
  name: 'Grace',
  reason: 'busy',
  status: 'on_contact',
  presence_reason: '',
  since: at(-65),
  load: {},
  lacking: [],
  until: null,
  ...fields,
})

const waiting = (fields: Partial<Waiting> = {}): Waiting => ({
  at: AT,
  place: 3,
  length: 7,
  needs: [{}],
  language: '',
  ring: 0,
  kept_for: [],
  serving: 2,
  online: 2,
  ready: 1,
  reasons: { break: 1, busy: 1 },
  agents: [agent({})],
  next: [],
  expected_wait: null,
  expected_low: null,
  expected_high: null,
  sure: 'none',
  ...fields,
})

const why = (fields: Partial<Why> = {}): Why => ({
  work_id: 'wrk_1',
  state: 'waiting',
  queue: 'sales',
  queued_at: AT,
  entered_at: AT,
  priority: 0,
  tier: '',
  preferred: {},
  owners: [],
  last_agent: '',
  wanted: '',
  waiting: null,
  decisions: [],
  lines: [],
  names: {},
  ...fields,
})

const step = (fields: Partial<NextStep>): NextStep => ({
  kind: 'ring',
  at: at(12),
  agent_id: '',
  queue: '',
  agents: 0,
  lower: 0,
  required: {},
  language: '',
  queues: [],
  longer_than: null,
  held_up: '',
  ...fields,
})

test.each<[Partial<Waiting>, string, string]>([
  [{}, 'Place 3 of 7; 2 agents serve this queue: 1 at capacity, 1 on a break.', '排在第 3 位（共 7 位）；有 2 名坐席服务该队列：1 名已满负荷、1 名小休。'],
  [{ serving: 1, reasons: { offline: 1 }, online: 0 }, 'Place 3 of 7; nobody who serves this queue is online.', '排在第 3 位（共 7 位）；服务该队列的坐席均不在线。'],
  [{ serving: 0, online: 0, reasons: {}, agents: [] }, 'Place 3 of 7; nobody has the skills that this queue asks for.', '排在第 3 位（共 7 位）；没有坐席具备该队列所需技能。'],
  [{ serving: 1, reasons: { lacks_language: 1 } }, 'Place 3 of 7; 1 agent serves this queue: 1 without the language.', '排在第 3 位（共 7 位）；有 1 名坐席服务该队列：1 名不会该语言。'],
  [{ place: null, serving: 1, reasons: { not_yet: 1 } }, 'Its time has not come; 1 agent serves this queue: 1 free once its time comes.', '未到约定时间；有 1 名坐席服务该队列：1 名到时可接。'],
])('%o in one sentence', (fields, en, zh) => {
  expect(waitingSentence(why(), waiting(fields), telling())).toBe(en)
  expect(waitingSentence(why(), waiting(fields), telling('zh'))).toBe(zh)
})

test('the nearest reason comes first, whatever the order in which they came', () => {
  const all = { lacks_skill: 1, offline: 2, busy: 3, free: 1 }
  expect(waitingSentence(why(), waiting({ serving: 7, reasons: all }), telling())).toContain(
    '1 about to be asked, 3 at capacity, 2 offline, 1 without a skill that it needs.',
  )
})

test('work for one agent tells of that agent', () => {
  const wanted = why({ wanted: 'agt_1' })
  expect(waitingSentence(wanted, waiting(), telling())).toBe('Place 3 of 7; it is for Grace alone: at capacity (on contact 1:05).')
  expect(waitingSentence(wanted, waiting({ agents: [] }), telling())).toContain('Grace alone: does not work here any more')
})

test.each<[Partial<WhyAgent>, string]>([
  [{ reason: 'free' }, 'free: will be asked at once'],
  [{ reason: 'break', presence_reason: 'lunch' }, 'on a break (lunch 1:05)'],
  [{ reason: 'offline', since: null }, 'offline'],
  [{ reason: 'declined', until: at(90) }, 'declined it or did not answer; may be asked again in 1:30'],
  [{ reason: 'lacks_language' }, 'does not speak it: German'],
  [{ reason: 'lacks_skill', lacking: [{ skill: 'x', needed: 3, has: 1 }, { skill: 'y', needed: 2, has: 0 }] }, 'lacks x 3 (has 1), y 2 (has 0)'],
  [{ reason: 'waiting_for_owner' }, 'free, but it is kept for Tom'],
  [{ reason: 'something_new' }, 'something new'],
])('%o as a reason', (fields, words) => {
  expect(reasonOf(agent(fields), waiting({ language: 'de', kept_for: ['agt_2'] }), telling())).toBe(words)
})

test.each<[Partial<NextStep>, string]>([
  [{ lower: 2, agents: 1 }, 'In 0:12: 2 levels less will do (1 more at work)'],
  [{ language: 'preferred', queues: ['vip'] }, 'In 0:12: the language is required no more, agents of VIP too (0 more at work)'],
  [{ required: { x: 3 } }, 'In 0:12: other skills will do: x from level 3 (0 more at work)'],
  [{}, 'In 0:12: a wider circle of agents (0 more at work)'],
  [{ kind: 'overflow', queue: 'vip', agents: 4 }, 'In 0:12: it moves to VIP (4 at work there)'],
  [{ kind: 'overflow', queue: 'vip', at: at(-5), held_up: 'nobody_there' }, 'Now: it would move to VIP, but nobody there is at work'],
  [{ kind: 'overflow', queue: 'vip', at: at(-5), held_up: 'line_is_short', longer_than: 3 }, 'Now: it moves to VIP as soon as more than 3 stand before it'],
  [{ kind: 'ask_again', agent_id: 'agt_2' }, 'In 0:12: Tom may be asked again'],
  [{ kind: 'open_to_all' }, 'In 0:12: it is kept for nobody any more'],
  [{ kind: 'not_before' }, 'In 0:12: its time comes'],
])('%o comes next', (fields, words) => {
  expect(stepOf(step(fields), telling())).toBe(words)
})

test('what is asked for, and how long it will be', () => {
  expect(needsOf(waiting({ needs: [{ x: 3, y: 1 }, { z: 2 }], language: 'de' }), telling())).toBe('x from level 3, y from level 1 or z from level 2 · German')
  expect(needsOf(waiting(), telling())).toBe('')
  const { t } = telling()
  expect(expectedOf(waiting({ expected_wait: 130, expected_low: 60, expected_high: 240 }), t)).toBe('about 2:10 (1:00 to 4:00)')
  expect(expectedOf(waiting({ expected_wait: 0, expected_low: 0, expected_high: 0 }), t)).toBe('hardly any')
  expect(expectedOf(waiting(), t)).toBe('')
})

test('why it is with whom it is: the last decision, and who was passed over in it', () => {
  const offered = (agent_id: string, candidate_count: number) => ({
    at: AT,
    kind: 'offered',
    data: { agent_id, waited: 72.4, why: { strategy: 'round_robin', candidate_count, passed_over: [{ agent_id: 'agt_1', reason: 'busy' }] } },
  })
  const twice = why({ decisions: [offered('agt_1', 1), offered('agt_2', 3), { at: AT, kind: 'connected', data: {} }] })
  expect(decidedSentence(twice, telling())).toBe('Tom was asked after 1:12 of waiting: whose turn it was, of 3 who could have had it.')
  expect(decidedSentence(why({ decisions: [offered('agt_2', 1)] }), telling())).toContain('nobody else could have had it')
  expect(decidedSentence(why({ decisions: [{ at: AT, kind: 'taken', data: { agent_id: 'agt_2' } }] }), telling('zh'))).toBe('Tom主动从队列领取。')
  expect(decidedSentence(why(), telling())).toBe('')
  expect(passedOver(twice, telling())).toEqual(['Grace: at capacity'])
  expect(passedOver(why(), telling())).toEqual([])
})
