// The agent's telephone, one for the page. A call that the agent has already said yes to (an accepted offer, joining
// as a supervisor) is answered at once; any other rings.
import { useSyncExternalStore } from 'react'
import { type Call, Phone, type PhoneState } from '../../shared/phone/phone'
import { liveNow } from './live/store'
import { protocols, socketUrl } from './session'

const NONE: PhoneState = { line: 'connecting', calls: [], microphone: null }
/** Without an answer for so many attempts there is no built-in phone here (calls come by another carrier). */
const TRIES = 4
const EXPECTED_MS = 30_000

let phone: Phone | null = null
let state: PhoneState = NONE
const expected = new Map<string, number>()
const watching = new Set<() => void>()

export function useSoftphone(): PhoneState {
  return useSyncExternalStore(
    (each) => {
      watching.add(each)
      return () => watching.delete(each)
    },
    () => state,
  )
}

export function startSoftphone(): void {
  phone = new Phone({
    url: socketUrl('/phone/socket'),
    protocols: protocols(),
    hello: { type: 'hello', as: 'agent' },
    tries: TRIES,
    changed: (next) => {
      state = next
      for (const each of watching) each()
    },
    heard: (message) => {
      if (message.type === 'ring' && isExpected(message.contact ?? '')) phone?.answer(message.call)
    },
  })
  phone.open()
  // For end-to-end tests, which look at what is really sent and heard.
  Object.assign(window, { deskPhone: () => phone })
}

export function stopSoftphone(): void {
  phone?.close()
  phone = null
  state = NONE
}

/** The next call of this contact is wanted: it needs no ringing. */
export function expectCall(contactId: string): void {
  expected.set(contactId, Date.now())
}

function isExpected(contactId: string): boolean {
  const at = expected.get(contactId)
  if (at !== undefined && Date.now() - at < EXPECTED_MS) return true
  return Object.values(liveNow().desk.works).some(
    (work) => work.contact_id === contactId && (work.state === 'connecting' || work.state === 'active'),
  )
}

/** The microphone is asked for when the agent goes to work, and not while a customer waits. */
export function prepareMicrophone(): void {
  void navigator.mediaDevices
    ?.getUserMedia({ audio: true })
    .then((stream) => stream.getTracks().forEach((track) => track.stop()))
    .catch(() => undefined)
}

export function callOf(contactId: string | null | undefined): Call | undefined {
  return contactId ? state.calls.find((call) => call.contact === contactId) : undefined
}

export const answerCall = (call: string) => phone?.answer(call)
export const hangUpCall = (call: string) => phone?.hangUp(call)
export const pressKeys = (call: string, digits: string) => phone?.tell({ type: 'keys', call, digits })
