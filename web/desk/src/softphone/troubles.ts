// Twilio's error codes as what an agent can do about them (twilio.com/docs/api/errors, errors of @twilio/voice-sdk).
import type { Trouble } from './types'

const WORDS: Record<number, Trouble['word'] | null> = {
  31401: 'phone_t_denied',
  31208: 'phone_t_denied',
  31402: 'phone_t_no_microphone',
  31003: 'phone_t_network',
  31005: 'phone_t_network',
  31009: 'phone_t_network',
  53000: 'phone_t_network',
  53001: 'phone_t_network',
  53400: 'phone_t_media',
  53402: 'phone_t_media',
  53405: 'phone_t_media',
  31206: 'phone_t_too_many',
  // A call that ended as calls do: the state of the work says so.
  31002: null,
  31008: null,
  31404: null,
  31480: null,
  31486: null,
  31603: null,
}

/** The token was refused, or is too old: a new one mends that. */
const TOKEN = new Set([20101, 20104, 20151, 31102, 31201, 31202, 31203, 31204, 31205, 31207])

export function wantsToken(code: number): boolean {
  return TOKEN.has(code)
}

/** What is to be said about an error; null for what is none. */
export function troubleOf(code: number): Trouble | null {
  const word = WORDS[code]
  if (word === null) return null
  return { word: word ?? (wantsToken(code) ? 'phone_t_refused' : 'phone_t_other'), code }
}
