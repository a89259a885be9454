// What a browser's telephone and the engine's local carrier say to each other (contact_center/local_carrier/messages.py).

export interface Peer {
  peer: string
  /** Gives way where both offer at once. */
  polite: boolean
  send: boolean
  hear: boolean
  /** What comes from there is for this end alone. */
  whisper?: boolean
}

export interface Item {
  text?: string
  language?: string
  play?: string
  music?: boolean
  pause?: number
}

export interface Talk {
  type: 'talk'
  call: string
  peers: Peer[]
  hold: boolean
  muted: boolean
  record: boolean
  recording?: { id: string; key: string } | null
}

/** A customer of the demo, as whom one may call. */
export interface Sample {
  number: string
  name: string
}

export type ToPhone =
  | {
      type: 'ready'
      identity: string
      ice: RTCIceServer[]
      numbers?: string[]
      choose?: boolean
      samples?: Sample[]
      /** With which a telephone whose connection broke is known again, for so many seconds of `grace`. */
      resume?: string
      grace?: number
      resumed?: boolean
      /** How many lines the engine has heard. */
      heard?: number
    }
  | { type: 'ring'; call: string; from: string; to: string; contact?: string }
  | { type: 'placed'; call: string }
  | { type: 'state'; call: string; state: 'ringing' | 'in_progress' | 'completed'; reason?: string }
  | { type: 'say'; call: string; seq: number; items: Item[] }
  | {
      type: 'listen'
      call: string
      keys: { min: number; max: number; finish: string } | null
      speech: boolean
      timeout: number
      hints?: string[]
      language?: string
    }
  | { type: 'record'; call: string; max_seconds: number; finish: string; silence?: number; beep?: boolean }
  | Talk
  | { type: 'signal'; call: string; peer: string; data: Signal }
  | { type: 'stop'; call: string; seq: number }
  | { type: 'ended'; call: string; reason: string }
  | { type: 'error'; text: string }

export type FromPhone =
  | { type: 'hello'; as: 'customer' | 'agent'; number?: string; resume?: string; heard?: number }
  | { type: 'dial'; to: string; from?: string }
  | { type: 'keys'; call: string; digits: string }
  | { type: 'words'; call: string; text: string; confidence?: number; final?: boolean }
  | { type: 'recorded'; call: string; seconds: number; data?: string }
  | { type: 'said'; call: string; seq: number }
  | { type: 'answer' | 'decline' | 'hang_up'; call: string }
  | { type: 'signal'; call: string; peer: string; data: Signal }
  | { type: 'media'; call: string; state: 'connected' | 'failed'; peer?: string }

export interface Signal {
  description?: RTCSessionDescriptionInit
  candidate?: RTCIceCandidateInit | null
}
