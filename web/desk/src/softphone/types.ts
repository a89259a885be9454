// What the desk knows of its telephone, whoever carries the calls.
import type { PhoneState } from '../../../shared/phone/phone'
import type { Key } from '../words'

/** What is wrong with the telephone, in the desk's words. */
export interface Trouble {
  word: Extract<Key, `phone_t_${string}`>
  /** The carrier's own number for it, 0 where there is none. */
  code: number
}

export interface SoftphoneState extends PhoneState {
  trouble: Trouble | null
  /** Somebody can hardly be heard just now. */
  poor: boolean
}

export interface Softphone {
  open: () => void
  close: () => void
  answer: (call: string) => void
  hangUp: (call: string) => void
  press: (call: string, digits: string) => void
  /** What was wrong has been read. */
  dismiss: () => void
}

export const NO_PHONE: SoftphoneState = {
  line: 'connecting',
  calls: [],
  microphone: null,
  microphoneProblem: null,
  muted: false,
  trouble: null,
  poor: false,
}
