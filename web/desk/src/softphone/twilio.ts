// The softphone where Twilio carries the calls: one Device of its Voice SDK, registered as long as the agent is
// signed in. Hold, mute and recording are the engine's (of the conference), so that all tabs and supervisors see
// the same; here are only answering, hanging up, keys, and what is wrong.
import type { Call as SdkCall, Device } from '@twilio/voice-sdk'
import type { MicrophoneProblem } from '../../../shared/phone/audio'
import type { Call } from '../../../shared/phone/phone'
import { troubleOf, wantsToken } from './troubles'
import { NO_PHONE, type Softphone, type SoftphoneState, type Trouble } from './types'

export interface Access {
  token: string
  edges: string[]
}

export interface TwilioOptions {
  makeDevice: (token: string, options: Device.Options) => Device
  access: () => Promise<Access>
  /** Whether a failure of `access` is for good: nothing is set up here. */
  isFinal: (error: unknown) => boolean
  /** After how many milliseconds a call is answered by itself; null: it rings. */
  answersIn: (contact: string) => number | null
  changed: (state: SoftphoneState) => void
}

/** Before a token ends: time to renew it between two calls, for in a call that can cost a second of sound. */
export const RENEW_MS = 600_000
/** The longest that a renewal waits for a call to end. */
const PUT_OFF_MS = 480_000
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
const MICROPHONE: Partial<Record<Trouble['word'], MicrophoneProblem>> = {
  phone_t_denied: 'denied',
  phone_t_no_microphone: 'missing',
}
const UNKNOWN = 31000
const CONNECTION = 31005
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }

export class TwilioPhone implements Softphone {
  private state: SoftphoneState = NO_PHONE
  private device: Device | null = null
  private readonly calls = new Map<string, SdkCall>()
  private readonly warnings = new Map<string, Set<string>>()
  private closed = false
  private renewing = false
  private renewalDue = false
  /** The token has ended or was refused: Twilio may have forgotten this telephone. */
  private lapsed = false
  private failures = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: TwilioOptions) {}

  open(): void {
    void this.renew()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
    this.device?.destroy()
    this.device = null
  }

  answer(id: string): void {
    const call = this.calls.get(id)
    if (!call || call.status() !== 'pending') return
    this.change(id, { answered: true })
    call.accept({ rtcConstraints: { audio: SOUND } })
  }

  hangUp(id: string): void {
    const call = this.calls.get(id)
    if (call?.status() === 'pending') call.reject()
    else call?.disconnect()
  }

  press(id: string, digits: string): void {
    this.calls.get(id)?.sendDigits(digits)
  }

  dismiss(): void {
    this.become({ trouble: null })
  }

  // --- the token ---------------------------------------------------------------------------------------

  /** Get a token, the first or the next; what fails is tried again, later and later. */
  private async renew(): Promise<void> {
    if (this.renewing || this.closed) return
    this.renewing = true
    this.renewalDue = false
    clearTimeout(this.timer)
    try {
      const access = await this.options.access()
      if (this.closed) return
      this.device ??= this.made(access)
      this.device.updateToken(access.token)
      await this.register(this.device)
    } catch (error) {
      if (this.closed) return
      if (!this.device && isUnsupported(error)) this.become({ line: 'refused', trouble: { word: 'phone_t_unsupported', code: 0 } })
      else if (this.options.isFinal(error)) this.become({ line: 'refused', trouble: { word: 'phone_t_not_set_up', code: 0 } })
      else this.later()
    } finally {
      this.renewing = false
    }
  }

  private later(): void {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures++)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.renew(), wait * (0.5 + Math.random() / 2))
  }

  /** What goes wrong here is told by the event `error` as well. */
  private async register(device: Device): Promise<void> {
    if (this.lapsed && device.state === 'registered') await device.unregister().catch(() => undefined)
    this.lapsed = false
    if (device.state === 'unregistered') device.register().catch(() => undefined)
  }

  private made({ token, edges }: Access): Device {
    const device = this.options.makeDevice(token, {
      allowIncomingWhileBusy: true,
      closeProtection: true,
      codecPreferences: ['opus', 'pcmu'] as NonNullable<Device.Options['codecPreferences']>,
      enableImprovedSignalingErrorPrecision: true,
      maxCallSignalingTimeoutMs: 30_000,
      tokenRefreshMs: RENEW_MS,
      ...(edges.length > 0 ? { edge: edges } : {}),
    })
    // The desk rings itself.
    device.audio?.incoming(false)
    device.audio?.outgoing(false)
    device.audio?.disconnect(false)
    device.on('registered', () => {
      this.failures = 0
      this.become({ line: 'connected', trouble: null })
    })
    device.on('unregistered', () => {
      if (!this.closed) this.become({ line: 'lost' })
    })
    device.on('tokenWillExpire', () => {
      this.renewalDue = true
      if (this.calls.size === 0) return void this.renew()
      clearTimeout(this.timer)
      this.timer = setTimeout(() => void this.renew(), PUT_OFF_MS)
    })
    device.on('error', (error: { code?: number }) => this.failed(error.code ?? 0))
    device.on('incoming', (call: SdkCall) => this.take(call))
    return device
  }

  private failed(code: number): void {
    if (wantsToken(code)) {
      this.lapsed = true
      // One that has just ended is renewed and no trouble; one that is refused again and again is.
      if (this.failures > 0) this.become({ trouble: troubleOf(code) })
      this.later()
      return
    }
    // While the connection is being made the SDK has only "unknown" for a network that is not there.
    const trouble = troubleOf(code === UNKNOWN && this.state.line !== 'connected' ? CONNECTION : code)
    if (trouble) this.become({ trouble })
  }

  // --- calls -------------------------------------------------------------------------------------------

  private take(call: SdkCall): void {
    const id = call.parameters['CallSid'] ?? ''
    const contact = call.customParameters.get('contact') ?? ''
    this.calls.set(id, call)
    call.on('accept', () => {
      this.change(id, { state: 'in_progress', media: { twilio: 'connected' } })
      this.become({ microphone: true, microphoneProblem: null, trouble: null })
    })
    for (const over of ['cancel', 'disconnect', 'reject']) call.on(over, () => this.drop(id))
    call.on('error', (error: { code?: number }) => this.callFailed(id, call, error.code ?? 0))
    call.on('reconnecting', () => this.change(id, { media: { twilio: 'failed' } }))
    call.on('reconnected', () => this.change(id, { media: { twilio: 'connected' } }))
    call.on('warning', (name: string) => this.warn(id, name, true))
    call.on('warning-cleared', (name: string) => this.warn(id, name, false))
    const { From: from = '', To: to = '' } = call.parameters
    const shown: Call = { id, state: 'ringing_here', from, to, contact, talk: null, media: {}, answered: false, recordingFailed: false }
    this.become({ calls: [...this.state.calls.filter((known) => known.id !== id), shown] })
    const wait = this.options.answersIn(contact)
    if (wait === 0) this.answer(id)
    else if (wait !== null) setTimeout(() => this.answer(id), wait)
  }

  private callFailed(id: string, call: SdkCall, code: number): void {
    const trouble = troubleOf(code)
    const problem = trouble && MICROPHONE[trouble.word]
    if (trouble && !wantsToken(code)) this.become({ trouble, ...(problem ? { microphone: false, microphoneProblem: problem } : {}) })
    if (call.status() === 'closed') this.drop(id)
  }

  private warn(id: string, name: string, on: boolean): void {
    const known = this.warnings.get(id) ?? new Set()
    if (on) known.add(name)
    else known.delete(name)
    this.warnings.set(id, known)
    this.become({ poor: [...this.warnings.values()].some((each) => each.size > 0) })
  }

  private drop(id: string): void {
    this.calls.delete(id)
    this.warnings.delete(id)
    const poor = [...this.warnings.values()].some((each) => each.size > 0)
    this.become({ calls: this.state.calls.filter((known) => known.id !== id), poor })
    if (this.renewalDue && this.calls.size === 0) void this.renew()
  }

  private change(id: string, changes: Partial<Call>): void {
    this.become({ calls: this.state.calls.map((known) => (known.id === id ? { ...known, ...changes } : known)) })
  }

  private become(changes: Partial<SoftphoneState>): void {
    if (this.closed) return
    this.state = { ...this.state, ...changes }
    this.options.changed(this.state)
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotSupportedError'
}
