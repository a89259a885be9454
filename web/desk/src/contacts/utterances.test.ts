import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Timeline } from '../api/types'
import { currentAt, endsIn, momentIn, type Pause, pausesIn, placeIn, type Recording, spanOf, utterancesOf } from './utterances'

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
  const lines = [{ seq: 100, at: at(25), offset: 25, kind: 'recording', text: 'Recording paused' }]
  expect(utterancesOf({ ...paused([25, 999]), lines }).map(({ who, text }) => [who, text])).toEqual([['event', 'Recording paused']])
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
  ['paused for a while, nobody knows when', recording(20, 60, 25), 20, true],
  ['complete long after the talk', recording(20, 300, 40), 20, false],
  ['not complete', recording(20, null, 10), 20, false],
])('a recording %s', (_, given, from, paused) => {
  const span = spanOf(given, endsIn(TIMELINE))
  expect([(span.from - T0) / 1000, span.unsure]).toEqual([from, paused])
})

test('words have a place only in the recording that runs', () => {
  const span = spanOf(recording(20, 60, 40), endsIn(TIMELINE))
  expect([5, 19.5, 20, 25, 59, 80].map((second) => placeIn(span, T0 + second * 1000))).toEqual([null, 0, 0, 5, 39, null])
})

const paused = (...stretches: [from: number, to: number][]): Timeline => ({
  ...TIMELINE,
  entries: stretches.flatMap(([from, to], n) => [
    entry(100 + 2 * n, from, 'recording', { work_id: 'wrk_1', status: 'paused' }),
    ...(to < 999 ? [entry(101 + 2 * n, to, 'recording', { work_id: 'wrk_1', status: 'resumed' })] : []),
  ]),
})

test('when a recording was paused is in the journal', () => {
  const noted = ({ entries, ...more }: Timeline) => pausesIn({ ...more, entries }).map((pause) => pause.map((each) => (each - T0) / 1000))
  expect(noted(paused([25, 30], [40, 45]))).toEqual([[25, 30], [40, 45]])
  expect(noted(paused([25, 999]))).toEqual([[25, Infinity]])
  expect(noted(paused([25, 999], [27, 30]))).toEqual([[25, 30]])
  expect(noted({ ...TIMELINE, entries: [entry(1, 30, 'recording', { status: 'resumed' }), entry(2, 60, 'recording', { status: 'completed' })] })).toEqual([])
})

test.each([
  ['left out', 30, [0, 4.5, null, 5, 15, null, 15, 30]],
  ['silent in it', 40, [0, 4.5, 7, 10, 20, 22.5, 25, 40]],
])('what is paused and %s shifts what comes after accordingly', (_, seconds, places) => {
  const span = spanOf(recording(20, 60, seconds), endsIn(TIMELINE), pausesIn(paused([25, 30], [40, 45])))
  expect(span.unsure).toBe(false)
  expect([20, 24.5, 27, 30, 40, 42.5, 45, 60].map((second) => placeIn(span, T0 + second * 1000))).toEqual(places)
})

test('a pause to the end, and one of another recording', () => {
  const span = spanOf(recording(20, 60, 20), endsIn(TIMELINE), pausesIn(paused([5, 10], [40, 999])))
  expect([span.unsure, placeIn(span, T0 + 39_000), placeIn(span, T0 + 50_000)]).toEqual([false, 19, null])
})

test('a second of the recording and the moment that is heard there are each other’s', () => {
  const lengths = fc.array(fc.tuple(fc.integer({ min: 100, max: 20_000 }), fc.integer({ min: 100, max: 20_000 })), { maxLength: 6 })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 100, max: 20_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (stretches, last, part) => {
      let at = T0
      const pauses = stretches.map(([runs, rests]): Pause => [(at += runs), (at += rests)])
      const seconds = (stretches.reduce((sum, [runs]) => sum + runs, 0) + last) / 1000
      const span = spanOf({ ...recording(0, 0, seconds), completed_at: new Date(at + last).toISOString() }, [], pauses)
      expect(span.pauses).toEqual(pauses)
      expect(placeIn(span, momentIn(span, part * seconds))).toBeCloseTo(part * seconds, 2)
    }),
  )
})

test('the last that has begun is the one being said', () => {
  const said = utterancesOf(TIMELINE)
  expect([-1, 1, 4.9, 26, 99].map((second) => currentAt(said, T0 + second * 1000))).toEqual([-1, 0, 1, 4, 5])
})
