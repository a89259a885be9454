// The agent's telephone, one for the page. A call that the agent has already said yes to (an accepted offer, joining
// as a supervisor) is answered at once; any other rings. Who carries the calls is the engine's to say.
import { useSyncExternalStore } from 'react'
import type { Call } from '../../../shared/phone/phone'
import { ask, Refusal } from '../api/client'
import { liveNow, onNotice } from '../live/store'
import { localPhone } from './local'
import { NO_PHONE, type Softphone, type SoftphoneState } from './types'

const EXPECTED_MS = 30_000
/** How much later another tab than the one in use answers. */
const OTHER_TAB_MS = 1_200
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

let phone: Softphone | null = null
let state: SoftphoneState = NO_PHONE
/** Of several starts (signing in again) only the last one counts. */
let started = 0
let stopHeeding: (() => void) | null = null
const expected = new Map<string, number>()
const watching = new Set<() => void>()

function become(next: SoftphoneState): void {
  state = next
  for (const each of watching) each()
}

export function useSoftphone(): SoftphoneState {
  return useSyncExternalStore(
    (each) => {
      watching.add(each)
      return () => watching.delete(each)
    },
    () => state,
  )
}

export function startSoftphone(): void {
  void start(++started)
  stopHeeding ??= onNotice(answerExpected)
}

/** A telephone may ring before the desk has heard that its agent's yes was taken. */
function answerExpected(): void {
  for (const { id, contact } of state.calls.filter(isRinging)) {
    if (!isExpected(contact)) continue
    setTimeout(() => state.calls.some((call) => call.id === id && isRinging(call)) && phone?.answer(id), document.hasFocus() ? 0 : OTHER_TAB_MS)
  }
}

const isRinging = (call: Call) => call.state === 'ringing_here' && !call.answered

export function stopSoftphone(): void {
  started += 1
  stopHeeding?.()
  stopHeeding = null
  phone?.close()
  phone = null
  become(NO_PHONE)
}

/** Ask who carries the calls, until that is answered, and open the telephone for it. */
async function start(mine: number): Promise<void> {
  for (let tried = 0; mine === started; tried++) {
    try {
      const { carrier } = await ask('get', '/phone')
      const made = carrier === 'twilio' ? await twilioPhone() : carrier === 'local' ? localPhone(become, isExpected) : null
      if (mine !== started) return made?.close()
      phone = made
      if (made) made.open()
      else become({ ...NO_PHONE, line: 'refused' })
      return
    } catch (error) {
      if (isFinal(error)) return
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tried)))
    }
  }
}

/** The SDK is loaded only where it is needed: it is as large as half of the desk. */
async function twilioPhone(): Promise<Softphone> {
  const [{ TwilioPhone }, { Device }] = await Promise.all([import('./twilio'), import('@twilio/voice-sdk')])
  return new TwilioPhone({
    makeDevice: (token, options) => new Device(token, options),
    access: () => ask('post', '/phone/token'),
    isFinal,
    answersIn: (contact) => (isExpected(contact) ? (document.hasFocus() ? 0 : OTHER_TAB_MS) : null),
    changed: become,
  })
}

/** Refused, and not just now: asking again changes nothing. A signed-out page is started anew. */
function isFinal(error: unknown): boolean {
  return error instanceof Refusal && [401, 403, 404, 409].includes(error.status)
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

export const answerCall = (call: string) => phone?.answer(call)
export const hangUpCall = (call: string) => phone?.hangUp(call)
export const pressKeys = (call: string, digits: string) => phone?.press(call, digits)
export const dismissTrouble = () => phone?.dismiss()
