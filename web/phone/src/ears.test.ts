import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { canHear, Ears } from './ears'

class Recognition {
  static last: Recognition
  lang = ''
  aborted = false
  onresult: ((event: { results: unknown[] }) => void) | null = null
  onend: (() => void) | null = null
  onerror: ((event: { error: string }) => void) | null = null
  constructor() {
    Recognition.last = this
  }
  start(): void {}
  abort(): void {
    this.aborted = true
  }
  hears(transcript: string, isFinal: boolean): void {
    this.onresult?.({ results: [{ isFinal, 0: { transcript, confidence: 0.8 } }] })
  }
}

beforeEach(() => vi.stubGlobal('webkitSpeechRecognition', Recognition))
afterEach(() => vi.unstubAllGlobals())

function listening() {
  const heard: string[] = []
  const ears = new Ears()
  ears.listen('zh-CN', {
    words: (text, final) => heard.push(`${text}${final ? '.' : '…'}`),
    nothing: () => heard.push('nothing'),
    failed: () => heard.push('failed'),
  })
  return { ears, heard, recognition: Recognition.last }
}

describe('ears', () => {
  test('hear words while they are spoken, and when they are complete', () => {
    const { ears, heard, recognition } = listening()
    expect([recognition.lang, ears.listening, canHear()]).toEqual(['zh-CN', true, true])
    recognition.hears('查', false)
    recognition.hears('查订单', true)
    recognition.onend?.()
    expect(heard).toEqual(['查…', '查订单.', 'nothing'])
    expect(ears.listening).toBe(false)
  })

  test('take the last that they heard where it never became complete', () => {
    const { heard, recognition } = listening()
    recognition.hears('yes', false)
    recognition.onend?.()
    expect(heard).toEqual(['yes…', 'yes.'])
  })

  test('say when they are of no use, and silence is not that', () => {
    const { heard, recognition } = listening()
    recognition.onerror?.({ error: 'no-speech' })
    expect(heard).toEqual([])
    recognition.onerror?.({ error: 'network' })
    recognition.onend?.()
    expect(heard).toEqual(['failed'])
  })

  test('that are stopped hear nothing more', () => {
    const { ears, heard, recognition } = listening()
    ears.stop()
    expect([recognition.aborted, recognition.onresult, ears.listening, heard]).toEqual([true, null, false, []])
  })

  test('are not there in every browser', () => {
    vi.unstubAllGlobals()
    const { heard } = (() => {
      const heard: string[] = []
      new Ears().listen('en', { words: () => undefined, nothing: () => undefined, failed: () => heard.push('failed') })
      return { heard }
    })()
    expect([heard, canHear()]).toEqual([['failed'], false])
  })
})
