// Lets hear what the engine says, item after item, and tells when it was heard to its end.
import type { Item } from '../../shared/phone/messages'

/** How things are made heard; each ends early where the signal says so, and never fails. */
export interface Outputs {
  speak(text: string, language: string, signal: AbortSignal): Promise<void>
  play(url: string, signal: AbortSignal): Promise<void>
  wait(seconds: number, signal: AbortSignal): Promise<void>
  /** Until the signal; '' is the telephone's own. */
  music(url: string, signal: AbortSignal): void
}

export class Speaker {
  private now: { seq: number; stopping: AbortController } | null = null

  constructor(private readonly outputs: Outputs) {}

  /** Whether something is being said; music is nothing said. */
  saying = false

  /** What is said now ends what was said before: the engine waits for that no more. */
  async say(seq: number, items: readonly Item[], heard: () => void): Promise<void> {
    this.silence()
    const stopping = new AbortController()
    const { signal } = stopping
    this.now = { seq, stopping }
    this.saying = true
    for (const item of items) {
      if (item.music) {
        this.saying = false
        this.outputs.music(item.play ?? '', signal)
        return
      }
      await this.one(item, signal)
      if (signal.aborted) return
    }
    this.now = null
    this.saying = false
    heard()
  }

  private async one(item: Item, signal: AbortSignal): Promise<void> {
    if (item.text) await this.outputs.speak(item.text, item.language ?? '', signal)
    else if (item.play) await this.outputs.play(item.play, signal)
    else if (item.pause) await this.outputs.wait(item.pause, signal)
  }

  /** The caller has answered already, or what is said is of no use any more. */
  stop(seq: number): void {
    if (this.now?.seq === seq) this.silence()
  }

  /** The number of what was being said, null where nothing was. */
  silence(): number | null {
    const { now } = this
    this.now = null
    this.saying = false
    now?.stopping.abort()
    return now?.seq ?? null
  }
}
