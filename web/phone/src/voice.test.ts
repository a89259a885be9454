import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BrowserVoice } from './voice'

class Utterance {
  static last: Utterance
  onstart: (() => void) | null = null
  onend: (() => void) | null = null
  onerror: ((event: { error: string }) => void) | null = null
  lang = ''
  voice: unknown
  constructor(readonly text: string) {
    Utterance.last = this
  }
}

class Sound {
  static last: Sound
  src = ''
  loop = false
  onended: (() => void) | null = null
  onerror: (() => void) | null = null
  plays: Promise<void> = Promise.resolve()
  paused = false
  constructor() {
    Sound.last = this
  }
  play(): Promise<void> {
    return this.plays
  }
  pause(): void {
    this.paused = true
  }
}

const spoken: string[] = []
let cancelled = 0

beforeEach(() => {
  vi.useFakeTimers()
  spoken.length = cancelled = 0
  vi.stubGlobal('SpeechSynthesisUtterance', Utterance)
  vi.stubGlobal('Audio', Sound)
  vi.stubGlobal('speechSynthesis', {
    getVoices: () => [{ lang: 'en-US', localService: true, default: true }],
    speak: (utterance: Utterance) => spoken.push(utterance.text),
    cancel: () => cancelled++,
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function made(more: { aloud?: boolean; quick?: boolean } = {}) {
  const unheard: string[] = []
  const voice = new BrowserVoice({
    aloud: () => more.aloud ?? true, quick: more.quick ?? false, unheard: (what, language) => unheard.push(`${what} ${language}`.trim()),
  })
  const stopping = new AbortController()
  /** Whether it is over after so many more milliseconds. */
  const after = async (promise: Promise<void>, ms: number) => {
    let over = false
    void promise.then(() => (over = true))
    await vi.advanceTimersByTimeAsync(ms)
    return over
  }
  return { voice, unheard, stopping, after }
}

describe('a text', () => {
  test('is spoken to its end', async () => {
    const { voice, stopping, unheard, after } = made()
    const said = voice.speak('Hello.', 'en-GB', stopping.signal)
    Utterance.last.onstart?.()
    expect(await after(said, 3000)).toBe(false)
    Utterance.last.onend?.()
    expect(await after(said, 0)).toBe(true)
    expect([spoken, unheard]).toEqual([['Hello.'], []])
  })

  test('is silent as soon as it is stopped', async () => {
    const { voice, stopping, after } = made()
    const said = voice.speak('Hello.', 'en', stopping.signal)
    Utterance.last.onstart?.()
    stopping.abort()
    expect([await after(said, 0), cancelled]).toEqual([true, 1])
  })

  test('is there to be read where there is no voice for it', async () => {
    const { voice, stopping, unheard, after } = made()
    const said = voice.speak('您好，请问有什么可以帮您？', 'zh-CN', stopping.signal)
    expect(await after(said, 1900)).toBe(false)
    expect(await after(said, 500)).toBe(true)
    expect([spoken, unheard]).toEqual([[], ['noVoice zh-CN']])
  })

  test('is there to be read where the browser does not speak, and then always', async () => {
    const { voice, stopping, unheard, after } = made()
    const said = voice.speak('Hello.', 'en', stopping.signal)
    expect(await after(said, 2500 + 1100)).toBe(false)
    expect(await after(said, 200)).toBe(true)
    expect(await after(voice.speak('Again.', 'en', stopping.signal), 1300)).toBe(true)
    expect([spoken, unheard]).toEqual([['Hello.'], ['noVoice en', 'noVoice en']])
  })

  test('whose voice never ends is taken for heard in the end', async () => {
    const { voice, stopping, after } = made()
    const said = voice.speak('Hello.', 'en', stopping.signal)
    Utterance.last.onstart?.()
    expect(await after(said, 10_000)).toBe(true)
  })

  test('is there to be read where nothing is read aloud, and no time is lost in tests', async () => {
    const { voice, stopping, unheard, after } = made({ aloud: false })
    const said = voice.speak('Hello.', 'en', stopping.signal)
    expect(await after(said, 1000)).toBe(false)
    expect(await after(said, 300)).toBe(true)
    const quick = made({ quick: true })
    expect(await after(quick.voice.speak('word '.repeat(100), 'en', stopping.signal), 50)).toBe(true)
    expect(await after(quick.voice.wait(60, stopping.signal), 1)).toBe(true)
    expect([spoken, unheard]).toEqual([[], []])
  })
})

describe('a sound', () => {
  test('is played to its end, or until it is stopped', async () => {
    const { voice, stopping, unheard, after } = made()
    const first = voice.play('https://a/b.mp3', stopping.signal)
    expect([Sound.last.src, await after(first, 5000)]).toEqual(['https://a/b.mp3', false])
    Sound.last.onended?.()
    expect(await after(first, 0)).toBe(true)
    const second = voice.play('https://a/c.mp3', stopping.signal)
    Sound.last.paused = false
    stopping.abort()
    expect([await after(second, 0), Sound.last.paused, unheard]).toEqual([true, true, []])
  })

  test('that cannot be played is passed over', async () => {
    const { voice, stopping, unheard, after } = made()
    Sound.last.plays = Promise.reject(new Error('no'))
    expect(await after(voice.play('https://a/b.mp3', stopping.signal), 0)).toBe(true)
    expect(unheard).toEqual(['noSound'])
  })
})

describe('music from somewhere', () => {
  test('goes round until it is stopped', () => {
    const { voice, stopping, unheard } = made()
    voice.music('/30.wav', stopping.signal)
    expect([Sound.last.src, Sound.last.loop]).toEqual(['/30.wav', true])
    Sound.last.paused = false
    stopping.abort()
    expect([Sound.last.paused, Sound.last.loop, unheard]).toEqual([true, false, []])
  })

  test('gives way to the telephone’s own where it cannot be had, unless it was stopped before', async () => {
    for (const stopped of [false, true]) {
      const { voice, stopping } = made()
      const own = vi.spyOn(voice, 'music')
      Sound.last.plays = Promise.reject(new Error('no'))
      own.mockImplementationOnce(BrowserVoice.prototype.music.bind(voice))
      const contexts = vi.fn()
      vi.stubGlobal('AudioContext', contexts)
      voice.music('/30.wav', stopping.signal)
      if (stopped) stopping.abort()
      else own.mockImplementationOnce(() => undefined)
      await vi.advanceTimersByTimeAsync(0)
      expect(own.mock.calls.map(([url]) => url)).toEqual(['/30.wav', ''])
      expect(contexts).not.toHaveBeenCalled()
    }
  })

  test('costs tests no time and makes no sound there', () => {
    const { voice, stopping } = made({ quick: true })
    voice.music('/30.wav', stopping.signal)
    expect(Sound.last.src).toBe('')
  })
})
