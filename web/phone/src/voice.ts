// The voice of the telephone: speech synthesis where the browser can, else time to read.
import { audio } from '../../shared/phone/audio'
import { holdMusic } from '../../shared/phone/tones'
import type { Outputs } from './speaker'

/** After so long without a sound the browser is taken for one that does not speak. */
const SILENT_MS = 2500
/** Letters at once: some browsers' voices fall silent after a quarter of a minute. */
const LONGEST_PIECE = 180

const WIDE = /[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]/g

/** Seconds that people take to read a text; of Chinese each sign is a syllable. */
export function readingSeconds(text: string): number {
  const wide = text.match(WIDE)?.length ?? 0
  return Math.max(1.2, wide / 6 + (text.length - wide) / 17)
}

/** The seconds after which a voice that does not end has been cut off. */
const patience = (text: string): number => 4 + readingSeconds(text) * 3

/** A long text in pieces that end with sentences. */
export function pieces(text: string, longest = LONGEST_PIECE): string[] {
  const found: string[] = []
  for (const sentence of text.match(/[^.!?。！？；;]+[.!?。！？；;]*\s*|[.!?。！？；;]+\s*/g) ?? []) {
    const last = found.at(-1)
    if (last !== undefined && last.length + sentence.length <= longest) found[found.length - 1] = last + sentence
    else found.push(sentence)
  }
  return found
}

type Spoken = Pick<SpeechSynthesisVoice, 'lang' | 'localService' | 'default'>

/** The best voice for a language: of its country, else of its language; the machine's own before others. */
export function pickVoice<V extends Spoken>(voices: readonly V[], language: string): V | null {
  const tag = (text: string) => text.replace('_', '-').toLowerCase()
  const wanted = tag(language || 'en')
  const [primary] = wanted.split('-')
  const rank = (voice: V) =>
    (tag(voice.lang) === wanted ? 4 : 0) + (voice.localService ? 2 : 0) + (voice.default ? 1 : 0)
  const able = voices.filter((voice) => tag(voice.lang).split('-')[0] === primary)
  return able.sort((one, other) => rank(other) - rank(one))[0] ?? null
}

export function wait(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, seconds * 1000)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}

export interface VoiceOptions {
  /** Whether to speak; else there is time to read. */
  aloud: () => boolean
  /** For tests: neither sound nor time. */
  quick: boolean
  unheard: (what: 'noVoice' | 'noSound', language: string) => void
}

export class BrowserVoice implements Outputs {
  private readonly element = new Audio()
  private voices: SpeechSynthesisVoice[] = []
  private silent = false

  constructor(private readonly options: VoiceOptions) {
    const load = () => (this.voices = synthesis()?.getVoices() ?? [])
    load()
    synthesis()?.addEventListener?.('voiceschanged', load)
  }

  async speak(text: string, language: string, signal: AbortSignal): Promise<void> {
    if (this.options.quick) return wait(0.02, signal)
    if (!this.options.aloud()) return wait(readingSeconds(text), signal)
    const voice = this.silent ? null : pickVoice(this.voices, language)
    if (!voice) {
      this.options.unheard('noVoice', language)
      return wait(readingSeconds(text), signal)
    }
    for (const piece of pieces(text)) {
      if (signal.aborted) return
      if (await this.utter(piece, voice, signal)) continue
      this.silent = true
      this.options.unheard('noVoice', language)
      return wait(readingSeconds(text), signal)
    }
  }

  /** Whether it was heard, or need not be any more. */
  private utter(text: string, voice: SpeechSynthesisVoice, signal: AbortSignal): Promise<boolean> {
    const utterance = new SpeechSynthesisUtterance(text)
    utterance.voice = voice
    utterance.lang = voice.lang
    return new Promise((resolve) => {
      let begun = false
      const done = (heard: boolean) => {
        clearTimeout(silent)
        clearTimeout(late)
        signal.removeEventListener('abort', stop)
        utterance.onstart = utterance.onend = utterance.onerror = null
        resolve(heard)
      }
      const stop = () => {
        synthesis()?.cancel()
        done(true)
      }
      const silent = setTimeout(() => {
        if (begun) return
        synthesis()?.cancel()
        done(false)
      }, SILENT_MS)
      const late = setTimeout(stop, patience(text) * 1000)
      utterance.onstart = () => (begun = true)
      utterance.onend = () => done(begun)
      utterance.onerror = ({ error }) => done(error === 'canceled' || error === 'interrupted')
      signal.addEventListener('abort', stop)
      synthesis()?.speak(utterance)
    })
  }

  play(url: string, signal: AbortSignal): Promise<void> {
    if (this.options.quick) return wait(0.02, signal)
    const { element } = this
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done)
        element.onended = element.onerror = null
        element.pause()
        resolve()
      }
      const failed = () => {
        if (!signal.aborted) this.options.unheard('noSound', '')
        done()
      }
      signal.addEventListener('abort', done)
      element.onended = done
      element.onerror = failed
      element.src = url
      element.play().catch(failed)
    })
  }

  wait(seconds: number, signal: AbortSignal): Promise<void> {
    return wait(this.options.quick ? 0 : seconds, signal)
  }

  /** Where a sound cannot be had, the telephone plays its own music. */
  music(url: string, signal: AbortSignal): void {
    if (this.options.quick || signal.aborted) return
    if (!url) {
      audio()
      signal.addEventListener('abort', holdMusic())
      return
    }
    const { element } = this
    element.onended = element.onerror = null
    element.loop = true
    element.src = url
    signal.addEventListener('abort', () => {
      element.loop = false
      element.pause()
    })
    element.play().catch(() => this.music('', signal))
  }
}

function synthesis(): SpeechSynthesis | undefined {
  return (globalThis as { speechSynthesis?: SpeechSynthesis }).speechSynthesis
}
