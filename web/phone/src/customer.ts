// A customer at the telephone: what they do, what the engine says to them, and how the call stands.
import type { Sample, ToPhone } from '../../shared/phone/messages'
import type { LineState } from '../../shared/phone/line'
import { type Call, Phone } from '../../shared/phone/phone'
import { keyTone, ring, ringback, type Stop } from '../../shared/phone/tones'
import { Ears } from './ears'
import { isDialable } from './keys'
import { Level } from './level'
import { Message } from './message'
import { Speaker } from './speaker'
import { noted, pressed, spoke, told, type Transcript } from './transcript'
import { BrowserVoice } from './voice'

export type Phase = 'idle' | 'incoming' | 'calling' | 'automatic' | 'talking' | 'hold' | 'ended'
export type Listening = Extract<ToPhone, { type: 'listen' }>
type Recording = Extract<ToPhone, { type: 'record' }>

/** How often the engine is told that somebody is still speaking or typing. */
const PARTLY_MS = 1500

export interface CustomerOptions {
  url: string
  /** Neither sound nor time: for tests. */
  quick: boolean
  aloud: () => boolean
  own: () => string
  changed: () => void
}

/** How a call stands, from what the engine told of it. */
export function phaseOf(call: Call | undefined, reason: string): Phase {
  if (!call) return reason ? 'ended' : 'idle'
  if (call.state === 'ringing_here') return call.answered ? 'calling' : 'incoming'
  if (call.state !== 'in_progress') return 'calling'
  if (call.talk?.hold) return 'hold'
  return call.talk?.peers.length ? 'talking' : 'automatic'
}

export class Customer {
  readonly phone: Phone
  transcript: Transcript = []
  numbers: string[] = []
  samples: Sample[] = []
  choose = false
  to = ''
  /** Why the last call ended, '' while there is one, or none was. */
  reason = ''
  error = ''
  since: number | null = null
  listening: Listening | null = null
  recording: Recording | null = null
  /** The language that there is no voice for. */
  voiceless = ''
  earsFailed = false
  /** Whether the caller answers by voice. */
  byVoice = false

  private readonly speaker: Speaker
  private readonly ears = new Ears()
  private message: Message | null = null
  private level: Level | null = null
  private tone: { of: () => Stop; stop: Stop } | null = null
  private partlyAt = 0
  private mayName = true
  private before: Call | undefined
  private line: LineState = 'connecting'

  constructor(private readonly options: CustomerOptions) {
    this.speaker = new Speaker(
      new BrowserVoice({
        aloud: options.aloud,
        quick: options.quick,
        unheard: (what, language) => {
          if (what === 'noVoice') this.voiceless = language
          else this.transcript = noted(this.transcript, 'noSound')
          options.changed()
        },
      }),
    )
    this.phone = new Phone({
      url: options.url,
      hello: () => {
        const number = this.mayName ? options.own() : ''
        return { type: 'hello', as: 'customer', ...(number ? { number } : {}) }
      },
      says: true,
      changed: () => this.changed(),
      heard: (message) => this.heard(message),
    })
  }

  get call(): Call | undefined {
    return this.phone.state.calls[0]
  }

  get phase(): Phase {
    return phaseOf(this.call, this.reason)
  }

  get hears(): boolean {
    return this.ears.listening
  }

  /** How loud the microphone is, 0 to 1; null where there is none. */
  loudness(): number | null {
    return this.level?.now() ?? null
  }

  // --- what the caller does ---------------------------------------------------------------------------

  dial(to: string, own: string): void {
    if (this.call) return
    this.begin(to)
    this.phone.tell({ type: 'dial', to, ...(own && this.choose ? { from: own } : {}) })
    this.options.changed()
  }

  answer(): void {
    const { call } = this
    if (!call) return
    this.begin(isDialable(call.from) ? call.from : '')
    this.phone.answer(call.id)
  }

  private begin(to: string): void {
    this.transcript = []
    this.reason = this.error = this.voiceless = ''
    this.to = to
    void this.phone.openMicrophone().then(({ track, real }) => {
      if (real) this.level = new Level(track)
      this.options.changed()
    })
  }

  /** A message that is being left is handed over first. */
  async hangUp(): Promise<void> {
    const { call } = this
    if (!call) return
    if (this.message) await this.finishMessage()
    this.phone.hangUp(call.id)
  }

  press(keys: string): void {
    for (const key of keys) keyTone(key)
    const { call, recording } = this
    if (call?.state !== 'in_progress') return
    this.phone.press(call.id, keys)
    this.transcript = pressed(this.transcript, keys)
    if (recording && [...keys].some((key) => recording.finish.includes(key))) void this.finishMessage()
    this.options.changed()
  }

  /** Words are wanted only now and then; whether these were taken. */
  say(text: string, confidence?: number): boolean {
    const { call, listening } = this
    if (!call || !listening?.speech) {
      this.transcript = noted(this.transcript, 'noWords')
      this.options.changed()
      return false
    }
    this.ears.stop()
    this.transcript = spoke(this.transcript, text, listening.language ?? '')
    this.phone.tell({ type: 'words', call: call.id, text, ...(confidence ? { confidence } : {}) })
    this.options.changed()
    return true
  }

  /** Somebody is still speaking or typing: the silence does not end meanwhile. */
  partly(text: string): void {
    const now = performance.now()
    if (!text || !this.call || !this.listening?.speech || now - this.partlyAt < PARTLY_MS) return
    this.partlyAt = now
    this.phone.tell({ type: 'words', call: this.call.id, text, final: false })
  }

  /** Answer by voice from now on, or no more. */
  listenByVoice(on: boolean): void {
    this.byVoice = on
    this.earsFailed = false
    if (!on) this.ears.stop()
    else this.skip()
    this.options.changed()
  }

  /** Enough of what is being said. */
  private skip(): void {
    const seq = this.speaker.saying ? this.speaker.silence() : null
    if (seq !== null && this.call) this.phone.tell({ type: 'said', call: this.call.id, seq })
    this.hearken()
  }

  // --- what the engine says ---------------------------------------------------------------------------

  private heard(message: ToPhone): void {
    switch (message.type) {
      case 'ready':
        this.numbers = message.numbers ?? []
        this.samples = message.samples ?? []
        this.choose = message.choose ?? false
        break
      case 'error':
        this.error = message.text
        if (this.phone.state.line !== 'connected') this.mayName = false // perhaps it was our number
        else if (!this.call) this.rest()
        break
      case 'ring':
        this.reason = this.error = ''
        break
      case 'state':
        if (message.state === 'in_progress') this.connected()
        if (message.state === 'completed') this.end(message.reason || 'completed')
        break
      case 'say':
        this.said(message)
        break
      case 'stop':
        this.speaker.stop(message.seq)
        this.hearken()
        break
      case 'listen':
        this.listening = message
        this.hearken()
        break
      case 'record':
        this.record(message)
        break
      case 'ended':
        this.end(message.reason)
        break
    }
    this.options.changed()
  }

  private connected(): void {
    if (this.since !== null) return
    this.since = Date.now()
    this.transcript = noted(this.transcript, 'connected')
  }

  private said(message: Extract<ToPhone, { type: 'say' }>): void {
    this.listening = null
    this.ears.stop()
    this.transcript = told(this.transcript, message.items)
    void this.speaker.say(message.seq, message.items, () => {
      this.phone.tell({ type: 'said', call: message.call, seq: message.seq })
      this.hearken()
      this.options.changed()
    })
  }

  /** Listen to the caller's voice, where that is wanted on both sides and nothing is being said. */
  private hearken(): void {
    const { listening } = this
    if (!this.byVoice || !listening?.speech || this.speaker.saying || this.ears.listening) return
    this.ears.listen(listening.language ?? '', {
      words: (text, final, confidence) => (final ? this.say(text, confidence) : this.partly(text)),
      nothing: () => this.hearken(),
      failed: () => {
        this.byVoice = false
        this.earsFailed = true
        this.options.changed()
      },
    })
  }

  private record(wanted: Recording): void {
    this.listening = null
    this.ears.stop()
    this.speaker.silence()
    this.recording = wanted
    this.transcript = noted(this.transcript, 'record')
    void this.phone.openMicrophone().then((microphone) => {
      if (this.recording !== wanted) return
      this.message = new Message(wanted, microphone, () => void this.finishMessage())
      this.options.changed()
    })
  }

  async finishMessage(): Promise<void> {
    const { message, recording } = this
    if (!recording) return
    this.message = this.recording = null
    const left = message ? await message.finish() : { seconds: 0 }
    this.phone.tell({ type: 'recorded', call: recording.call, ...left })
    this.transcript = noted(this.transcript, left.seconds > 0 ? 'recorded' : 'nothingRecorded')
    this.options.changed()
  }

  private changed(): void {
    if (!this.phone) return // it says that it is opening before we have it
    const { call } = this
    const { line } = this.phone.state
    if (call && line !== this.line) this.transcript = noted(this.transcript, line === 'connected' ? 'lineBack' : 'lineLost')
    this.line = line
    this.follow(call)
    const { phase } = this
    this.sound(phase === 'incoming' ? ring : call?.state === 'ringing' ? ringback : null)
    this.options.changed()
  }

  private sound(wanted: (() => Stop) | null): void {
    if ((this.tone?.of ?? null) === wanted) return
    this.tone?.stop()
    this.tone = wanted && !this.options.quick ? { of: wanted, stop: wanted() } : null
  }

  /** What becomes of the conversation goes into the transcript. */
  private follow(call: Call | undefined): void {
    const { before } = this
    this.before = call
    if (before && !call && this.phone.state.line !== 'connected') this.end('lost')
    if (!call?.talk) return
    const [was, is] = [before?.talk?.peers.length ?? 0, call.talk.peers.length]
    if (is && !was && !call.talk.hold) this.transcript = noted(this.transcript, 'talking')
    if (was && !is) this.transcript = noted(this.transcript, 'alone')
    if (call.talk.hold !== (before?.talk?.hold ?? false)) {
      this.transcript = noted(this.transcript, call.talk.hold ? 'hold' : 'resumed')
    }
    if (call.media !== before?.media && Object.values(call.media).at(-1) === 'failed') {
      this.transcript = noted(this.transcript, 'mediaFailed')
    }
    if (is) this.listening = null
  }

  private end(reason: string): void {
    if (this.reason) return
    this.reason = reason
    this.rest()
  }

  /** Nothing is said, heard or recorded any more. */
  private rest(): void {
    this.speaker.silence()
    this.ears.stop()
    void this.message?.finish()
    this.level?.close()
    this.message = this.recording = this.listening = this.level = this.since = null
    this.phone.closeMicrophone()
  }

  /** The last call is done with: the page is as at first. */
  putDown(): void {
    this.reason = this.error = ''
    this.options.changed()
  }
}
