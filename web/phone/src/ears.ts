// Speech recognition, where the browser has it. Many browsers send the sound to their makers for that, so it runs
// only once the caller has asked for it, and only while words are wanted.

interface Alternative {
  transcript: string
  confidence: number
}
interface Result {
  readonly isFinal: boolean
  readonly [index: number]: Alternative
}
interface Recognition {
  lang: string
  interimResults: boolean
  continuous: boolean
  onresult: ((event: { results: ArrayLike<Result> }) => void) | null
  onend: (() => void) | null
  onerror: ((event: { error: string }) => void) | null
  start(): void
  abort(): void
}
type Made = new () => Recognition

export interface Heard {
  words: (text: string, final: boolean, confidence?: number) => void
  /** It ended without words. */
  nothing: () => void
  failed: () => void
}

const made = (): Made | undefined => {
  const names = globalThis as { SpeechRecognition?: Made; webkitSpeechRecognition?: Made }
  return names.SpeechRecognition ?? names.webkitSpeechRecognition
}

export const canHear = (): boolean => made() !== undefined

/** What was recognised until now, and whether that is all. */
export function wordsOf(results: ArrayLike<Result>): { text: string; final: boolean; confidence?: number } {
  const all = Array.from(results)
  const text = all.map((result) => result[0]?.transcript ?? '').join('').trim()
  const final = all.length > 0 && all.every((result) => result.isFinal)
  const sure = all[0]?.[0]?.confidence
  return { text, final, ...(sure ? { confidence: sure } : {}) }
}

export class Ears {
  private now: Recognition | null = null

  get listening(): boolean {
    return this.now !== null
  }

  listen(language: string, heard: Heard): void {
    this.stop()
    const make = made()
    if (!make) return heard.failed()
    const recognition = new make()
    this.now = recognition
    recognition.lang = language || navigator.language
    recognition.interimResults = true
    recognition.continuous = false
    let last = ''
    recognition.onresult = ({ results }) => {
      const { text, final, confidence } = wordsOf(results)
      if (!text) return
      last = final ? '' : text
      heard.words(text, final, confidence)
    }
    recognition.onerror = ({ error }) => {
      if (error === 'no-speech' || error === 'aborted') return
      this.now = null
      heard.failed()
    }
    recognition.onend = () => {
      if (this.now !== recognition) return
      this.now = null
      if (last) heard.words(last, true)
      else heard.nothing()
    }
    try {
      recognition.start()
    } catch {
      this.now = null
      heard.failed()
    }
  }

  stop(): void {
    const { now } = this
    this.now = null
    if (!now) return
    now.onresult = now.onend = now.onerror = null
    now.abort()
  }
}
