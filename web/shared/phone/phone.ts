// A telephone in the browser: its line to the engine, its calls, and their sound. The desk's softphone and the
// customer's phone page both are made of it; what is said to customers (say, listen, record) is left to the page.
import { type Microphone, type MicrophoneProblem, openMicrophone } from './audio'
import { Line, type LineOptions, type LineState } from './line'
import { Mesh, type MediaState } from './mesh'
import type { FromPhone, Talk, ToPhone } from './messages'
import { Tape } from './tape'
import { holdMusic, type Stop } from './tones'

export type CallState = 'ringing_here' | 'placed' | 'ringing' | 'in_progress'

export interface Call {
  id: string
  state: CallState
  from: string
  to: string
  contact: string
  talk: Talk | null
  media: Record<string, MediaState>
  /** Answered in this browser. */
  answered: boolean
  recordingFailed: boolean
}

export interface PhoneState {
  line: LineState
  calls: Call[]
  /** Null until a call has asked for it. */
  microphone: boolean | null
  /** Why there is none. */
  microphoneProblem?: MicrophoneProblem | null
  /** Muted here, by the person at this end. */
  muted?: boolean
}

interface Sound {
  mesh: Mesh
  tape: Tape | null
  music: Stop | null
}

export interface PhoneOptions extends Pick<LineOptions, 'url' | 'protocols' | 'hello' | 'tries'> {
  changed: (state: PhoneState) => void
  /** Every message, after it was heeded. */
  heard?: (message: ToPhone) => void
  /** Whether the page lets hear what is said to it, music on hold too. */
  says?: boolean
}

export class Phone {
  state: PhoneState = { line: 'connecting', calls: [], microphone: null }
  private readonly line: Line
  private readonly sounds = new Map<string, Sound>()
  private ice: RTCIceServer[] = []
  private microphone: Promise<Microphone> | null = null
  private work: Promise<void> = Promise.resolve()

  constructor(private readonly options: PhoneOptions) {
    this.line = new Line({
      url: options.url,
      ...(options.protocols ? { protocols: options.protocols } : {}),
      hello: options.hello,
      ...(options.tries === undefined ? {} : { tries: options.tries }),
      on: (message) => {
        this.heed(message)
        options.heard?.(message)
      },
      state: (line) => this.become({ line }),
      anew: () => {
        for (const call of this.state.calls) this.drop(call.id)
      },
    })
  }

  open(): void {
    this.line.open()
  }

  close(): void {
    this.line.close()
    for (const call of this.state.calls) this.drop(call.id)
    this.closeMicrophone()
  }

  tell(message: FromPhone): void {
    this.line.tell(message)
  }

  answer(call: string): void {
    this.change(call, { answered: true })
    void this.openMicrophone()
    this.tell({ type: 'answer', call })
  }

  hangUp(call: string): void {
    const known = this.find(call)
    this.tell({ type: known?.state === 'ringing_here' ? 'decline' : 'hang_up', call })
  }

  /** Keys: for a menu that waits for them, and as tones for who is in the conversation. */
  press(call: string, digits: string): void {
    this.tell({ type: 'keys', call, digits })
    this.sounds.get(call)?.mesh.press(digits)
  }

  /** For tests and for the display of quality. */
  connections(): RTCPeerConnection[] {
    return [...this.sounds.values()].flatMap(({ mesh }) => mesh.connections())
  }

  async openMicrophone(): Promise<Microphone> {
    this.microphone ??= openMicrophone()
    const microphone = await this.microphone
    if (this.state.microphone !== microphone.real || this.state.microphoneProblem !== microphone.problem) {
      this.become({ microphone: microphone.real, microphoneProblem: microphone.problem })
    }
    microphone.track.onended = () => this.become({ microphone: false, microphoneProblem: 'missing' })
    return microphone
  }

  mute(on: boolean): void {
    this.become({ muted: on })
    for (const { mesh } of this.sounds.values()) mesh.mute()
    if (this.sounds.size === 0) void this.microphone?.then(({ track }) => (track.enabled = !on))
  }

  /** Nobody is listened to between calls; with the next call it is asked for anew. */
  closeMicrophone(): void {
    void this.microphone?.then(({ track }) => track.stop())
    this.microphone = null
    if (this.state.muted) this.become({ muted: false })
  }

  private heed(message: ToPhone): void {
    switch (message.type) {
      case 'ready':
        this.ice = message.ice
        for (const { mesh } of this.sounds.values()) mesh.recover()
        return
      case 'ring':
        this.add({ id: message.call, state: 'ringing_here', from: message.from, to: message.to, contact: message.contact ?? '' })
        return
      case 'placed':
        this.add({ id: message.call, state: 'placed', from: '', to: '', contact: '' })
        return
      case 'state':
        if (message.state === 'completed') this.drop(message.call)
        else this.change(message.call, { state: message.state })
        return
      case 'ended':
        this.drop(message.call)
        return
      case 'talk':
        this.change(message.call, { talk: message, state: 'in_progress' })
        this.inOrder(() => this.talk(message))
        return
      case 'signal':
        this.inOrder(async () => this.sounds.get(message.call)?.mesh.heed(message.peer, message.data))
        return
    }
  }

  /** A picture needs the microphone first, and signals must not overtake it. */
  private inOrder(step: () => Promise<void>): void {
    this.work = this.work.then(step).catch(() => undefined)
  }

  private async talk(talk: Talk): Promise<void> {
    const { track } = await this.openMicrophone()
    if (!this.find(talk.call)) return
    let sound = this.sounds.get(talk.call)
    if (!sound) {
      const mesh: Mesh = new Mesh({
        ice: this.ice,
        track,
        muted: () => this.state.muted ?? false,
        signal: (peer, data) => this.tell({ type: 'signal', call: talk.call, peer, data }),
        state: (peer, state) => {
          this.tell({ type: 'media', call: talk.call, state, peer })
          const known = this.find(talk.call)
          if (known) this.change(talk.call, { media: { ...known.media, [peer]: state } })
        },
        streams: () => this.sounds.get(talk.call)?.tape?.hear(mesh.heard()),
      })
      sound = { mesh, tape: null, music: null }
      this.sounds.set(talk.call, sound)
    }
    sound.mesh.set(talk)
    if (!this.options.says) this.setMusic(sound, talk.hold)
    this.setTape(sound, talk, track)
  }

  private setMusic(sound: Sound, on: boolean): void {
    if (on === (sound.music !== null)) return
    if (on) sound.music = holdMusic()
    else {
      sound.music?.()
      sound.music = null
    }
  }

  private setTape(sound: Sound, talk: Talk, track: MediaStreamTrack): void {
    const wanted = talk.recording
    if (sound.tape && wanted?.id !== sound.tape.id) {
      sound.tape.stop()
      sound.tape = null
    }
    if (!wanted) return
    if (!sound.tape && talk.record) {
      sound.tape = new Tape(wanted, track, () => this.change(talk.call, { recordingFailed: true }))
    }
    sound.tape?.hear(sound.mesh.heard())
    sound.tape?.set(talk.record)
  }

  private find(call: string): Call | undefined {
    return this.state.calls.find((known) => known.id === call)
  }

  private add(call: Pick<Call, 'id' | 'state' | 'from' | 'to' | 'contact'>): void {
    if (this.find(call.id)) return
    const fresh: Call = { ...call, talk: null, media: {}, answered: false, recordingFailed: false }
    this.become({ calls: [...this.state.calls, fresh] })
  }

  private change(call: string, changes: Partial<Call>): void {
    this.become({
      calls: this.state.calls.map((known) => (known.id === call ? { ...known, ...changes } : known)),
    })
  }

  private drop(call: string): void {
    const sound = this.sounds.get(call)
    this.sounds.delete(call)
    sound?.tape?.stop()
    sound?.music?.()
    sound?.mesh.close()
    if (!this.find(call)) return
    this.become({ calls: this.state.calls.filter((known) => known.id !== call) })
    if (!this.state.calls.some((known) => known.answered || known.talk)) this.closeMicrophone()
  }

  private become(changes: Partial<PhoneState>): void {
    this.state = { ...this.state, ...changes }
    this.options.changed(this.state)
  }
}
