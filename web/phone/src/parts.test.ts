import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Call } from '../../shared/phone/phone'
import { phaseOf } from './customer'
import { wordsOf } from './ears'
import { loudness } from './level'
import { clockText } from './page'
import { pickVoice, pieces, readingSeconds } from './voice'
import { languageOf, wordsIn } from './words'

const voice = (lang: string, localService = false) => ({ lang, localService, default: false })

describe('a voice', () => {
  const voices = [voice('en-GB', true), voice('en-US'), voice('zh_CN'), voice('zh-TW', true), voice('fr-FR')]
  test.each([
    ['en-US', 'en-US'], ['en-AU', 'en-GB'], ['zh-CN', 'zh_CN'], ['zh-HK', 'zh-TW'], ['fr', 'fr-FR'], ['', 'en-GB'], ['de-DE', undefined],
  ])('for %s is %s', (language, wanted) => expect(pickVoice(voices, language)?.lang).toBe(wanted))
})

describe('a text', () => {
  test('is cut after sentences, and nothing of it is lost', () => {
    expect(pieces('One. Two! Three', 6)).toEqual(['One. ', 'Two! ', 'Three'])
    expect(pieces('您好。请按1。', 3)).toEqual(['您好。', '请按1。'])
    fc.assert(fc.property(fc.string(), (text) => {
      expect(pieces(text).join('')).toBe(text)
    }))
  })

  test('takes time to read, Chinese more a sign', () => {
    expect(readingSeconds('ok')).toBe(1.2)
    expect(readingSeconds('您'.repeat(60))).toBeCloseTo(10)
    expect(readingSeconds('word '.repeat(34))).toBeCloseTo(10)
  })
})

describe('a call', () => {
  const call = (more: Partial<Call>): Call => ({
    id: 'CA1', state: 'in_progress', from: '', to: '', contact: '', talk: null, media: {}, answered: false, recordingFailed: false, ...more,
  })
  const talk = (hold: boolean, peers = 1): Call['talk'] => ({
    type: 'talk', call: 'CA1', hold, muted: false, record: false,
    peers: Array.from({ length: peers }, () => ({ peer: 'x', polite: true, send: true, hear: true })),
  })
  test.each([
    [undefined, '', 'idle'], [undefined, 'hung_up', 'ended'], [call({ state: 'placed' }), '', 'calling'], [call({ state: 'ringing' }), '', 'calling'],
    [call({ state: 'ringing_here' }), '', 'incoming'], [call({ state: 'ringing_here', answered: true }), '', 'calling'], [call({}), '', 'automatic'],
    [call({ talk: talk(false, 0) }), '', 'automatic'], [call({ talk: talk(false) }), '', 'talking'], [call({ talk: talk(true) }), '', 'hold'],
  ])('%# stands as it was told', (given, reason, wanted) => expect(phaseOf(given, reason)).toBe(wanted))

  test.each([[0, '0:00'], [59.9, '0:59'], [61, '1:01'], [3600, '60:00'], [-5, '0:00']])('of %s s shows %s', (seconds, wanted) =>
    expect(clockText(seconds)).toBe(wanted))
})

test('what was recognised is final when all of it is', () => {
  const result = (transcript: string, isFinal: boolean, confidence = 0) => ({ isFinal, 0: { transcript, confidence } })
  expect(wordsOf([result('my order', true, 0.9), result(' 12', false)])).toEqual({ text: 'my order 12', final: false, confidence: 0.9 })
  expect(wordsOf([result('yes', true)])).toEqual({ text: 'yes', final: true })
  expect(wordsOf([])).toEqual({ text: '', final: false })
})

test('loudness is between silence and loud, and grows', () => {
  expect([0, 0.0001, 0.05, 1].map((level) => Math.round(loudness(level) * 100) / 100)).toEqual([0, 0, 0.68, 1])
})

test('both languages say everything', () => {
  const shape = (value: unknown): unknown =>
    value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)])) : typeof value
  expect(shape(wordsIn('zh'))).toEqual(shape(wordsIn('en')))
  expect(['zh-TW', 'ZH', 'en-GB', 'fr', ''].map(languageOf)).toEqual(['zh', 'zh', 'en', 'en', 'en'])
})
