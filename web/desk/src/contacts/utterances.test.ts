import { expect, test } from 'vitest'
import type { Timeline } from '../api/types'
import { currentAt, endsIn, placeIn, type Recording, spanOf, utterancesOf } from './utterances'

const T0 = Date.parse('2026-03-02T09:30:00Z')
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString()
const entry = (seq: number, seconds: number, kind: string, data: Record<string, unknown>) => ({ seq, at: at(seconds), kind, data })
const TIMELINE: Timeline = {
  contact_id: 'con_1',
  language: 'en',
  lines: [{ seq: 4, at: at(20), offset: 20, kind: 'connected', text: 'Customer and Grace are connected' }],
  entries: [
    entry(0, 0, 'contact_started', {}),
    entry(1, 1, 'path', { steps: [], said: ['Hello.', 'How can we help?'] }),
    entry(2, 5, 'input', { kind: 'words', text: '<b>parcel</b>' }),
    entry(3, 8, 'input', { kind: 'keys', digits: '12**' }),
    entry(4, 20, 'connected', {}),
    entry(5, 25, 'transcript', { text: 'good morning', track: 'agent' }),
    entry(6, 27, 'transcript', { text: 'morning', track: '' }),
    entry(7, 60, 'wrap_up', {}),
    entry(8, 61, 'input', { kind: 'hung_up' }),
    entry(9, 61, 'path', { steps: [] }),
  ],
}

test('what was said is told by whom and when, in order', () => {
  expect(utterancesOf(TIMELINE).map(({ offset, who, text, keys }) => [offset, who, text, keys ?? false])).toEqual([
    [1, 'flow', 'Hello. How can we help?', false],
    [5, 'customer', '<b>parcel</b>', false],
    [8, 'customer', '12**', true],
    [20, 'event', 'Customer and Grace are connected', false],
    [25, 'agent', 'good morning', false],
    [27, 'customer', 'morning', false],
  ])
  expect(utterancesOf({ ...TIMELINE, entries: [] })).toEqual([])
})

const recording = (started: number, completed: number | null, seconds: number): Recording => ({
  id: 'rec_1',
  purpose: 'conversation',
  status: 'completed',
  seconds,
  transcript: '',
  started_at: at(started),
  completed_at: completed === null ? null : at(completed),
  audible: true,
})

test.each([
  ['told from its beginning', recording(20, 60, 40), 20, false],
  ['told only when it was complete', recording(60, 60, 40), 20, false],
  ['paused for a while', recording(20, 60, 25), 20, true],
  ['complete long after the talk', recording(20, 300, 40), 20, false],
  ['not complete', recording(20, null, 10), 20, false],
])('a recording %s', (_, given, from, paused) => {
  const span = spanOf(given, endsIn(TIMELINE))
  expect([(span.from - T0) / 1000, span.paused]).toEqual([from, paused])
})

test('words have a place only in the recording that runs', () => {
  const span = spanOf(recording(20, 60, 40), endsIn(TIMELINE))
  expect([5, 19.5, 20, 25, 59, 80].map((second) => placeIn(span, T0 + second * 1000))).toEqual([null, 0, 0, 5, 39, null])
})

test('the last that has begun is the one being said', () => {
  const said = utterancesOf(TIMELINE)
  expect([-1, 1, 4.9, 26, 99].map((second) => currentAt(said, T0 + second * 1000))).toEqual([-1, 0, 1, 4, 5])
})
