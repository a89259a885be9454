// The softphone where the engine itself carries the calls.
import { Phone } from '../../../shared/phone/phone'
import { protocols, socketUrl } from '../session'
import type { Softphone, SoftphoneState } from './types'

/** Without an answer for so many attempts there is no built-in phone here. */
const TRIES = 4

export function localPhone(changed: (state: SoftphoneState) => void, isExpected: (contact: string) => boolean): Softphone {
  const phone: Phone = new Phone({
    url: socketUrl('/phone/socket'),
    protocols: protocols(),
    hello: { type: 'hello', as: 'agent' },
    tries: TRIES,
    changed: (next) => changed({ ...next, trouble: null, poor: false }),
    heard: (message) => {
      if (message.type === 'ring' && isExpected(message.contact ?? '')) phone.answer(message.call)
    },
  })
  // For end-to-end tests, which look at what is really sent and heard.
  Object.assign(window, { deskPhone: () => phone })
  return {
    open: () => phone.open(),
    close: () => phone.close(),
    answer: (call) => phone.answer(call),
    hangUp: (call) => phone.hangUp(call),
    press: (call, digits) => phone.press(call, digits),
    dismiss: () => undefined,
  }
}
