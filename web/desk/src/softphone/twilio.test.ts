import { EventEmitter } from 'events'
import type { Device } from '@twilio/voice-sdk'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { troubleOf, wantsToken } from './troubles'
import { RENEW_MS, TwilioPhone } from './twilio'
import type { SoftphoneState } from './types'

class FakeCall extends EventEmitter {
  customParameters: Map<string, string>
  parameters: Record<string, string>
  state = 'pending'
  sent: string[] = []

  constructor(id: string, contact?: string) {
    super()
    this.parameters = { CallSid: id, From: '+14155550100', To: 'client:agt_1' }
    this.customParameters = new Map(contact ? [['contact', contact]] : [])
  }

  status = () => this.state
  accept = vi.fn(() => {
    this.state = 'open'
    this.emit('accept', this)
  })
  reject = vi.fn(() => this.end('reject'))
  disconnect = vi.fn(() => this.end('disconnect'))
  sendDigits = (digits: string) => this.sent.push(digits)

  end(how: string): void {
    this.state = 'closed'
    this.emit(how, this)
  }

  fail(code: number): void {
    this.state = 'closed'
    this.emit('error', { code })
  }
}

class FakeDevice extends EventEmitter {
  state = 'unregistered'
  tokens: string[] = []
  audio = { incoming: vi.fn(), outgoing: vi.fn(), disconnect: vi.fn() }

  constructor(
    readonly token: string,
    readonly options: Device.Options,
  ) {
    super()
  }

  updateToken = (token: string) => this.tokens.push(token)
  register = vi.fn(async () => {
    this.become('registered')
  })
  unregister = vi.fn(async () => {
    this.become('unregistered')
  })
  destroy = vi.fn()

  become(state: string): void {
    this.state = state
    this.emit(state)
  }

  rings(id: string, contact?: string): FakeCall {
    const call = new FakeCall(id, contact)
    this.emit('incoming', call)
    return call
  }
}

class Refused extends Error {}

interface Setting {
  /** What the engine answers when it is asked for a token, in turn; then tokens. */
  answers?: (string | Error)[]
  answersIn?: (contact: string) => number | null
  unsupported?: boolean
}

let opened: TwilioPhone[] = []

async function bench({ answers = [], answersIn = () => null, unsupported = false }: Setting = {}) {
  const seen: { state: SoftphoneState | null; devices: FakeDevice[]; asked: number } = { state: null, devices: [], asked: 0 }
  const phone = new TwilioPhone({
    makeDevice: (token, options) => {
      if (unsupported) throw Object.assign(new Error('no WebRTC'), { name: 'NotSupportedError' })
      const device = new FakeDevice(token, options)
      seen.devices.push(device)
      return device as unknown as Device
    },
    access: async () => {
      seen.asked += 1
      const answer = answers.shift() ?? `token ${seen.asked}`
      if (typeof answer !== 'string') throw answer
      return { token: answer, edges: ['dublin'] }
    },
    isFinal: (error) => error instanceof Refused,
    answersIn,
    changed: (state) => (seen.state = state),
  })
  opened.push(phone)
  phone.open()
  await vi.advanceTimersByTimeAsync(0)
  return {
    phone,
    seen,
    device: () => seen.devices[0]!,
    state: () => seen.state!,
    later: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  for (const phone of opened) phone.close()
  opened = []
  vi.useRealTimers()
})

test('it registers with the token, at the edges that are configured, and lets the desk ring', async () => {
  const { device, state } = await bench()
  expect(device().token).toBe('token 1')
  expect(device().options.edge).toEqual(['dublin'])
  expect(device().register).toHaveBeenCalledOnce()
  expect(device().audio.incoming).toHaveBeenCalledWith(false)
  expect(state().line).toBe('connected')
})

test('a call that nobody expects rings, is answered, and ends', async () => {
  const { device, phone, state } = await bench()
  const call = device().rings('CA1', 'con_1')
  expect(state().calls).toMatchObject([{ id: 'CA1', contact: 'con_1', from: '+14155550100', state: 'ringing_here', answered: false }])
  expect(call.accept).not.toHaveBeenCalled()
  phone.answer('CA1')
  phone.answer('CA1')
  expect(call.accept).toHaveBeenCalledOnce()
  expect(state().calls).toMatchObject([{ state: 'in_progress', answered: true }])
  expect(state().microphone).toBe(true)
  phone.press('CA1', '12#')
  expect(call.sent).toEqual(['12#'])
  phone.hangUp('CA1')
  expect(call.disconnect).toHaveBeenCalledOnce()
  expect(state().calls).toEqual([])
})

test('a call that is expected is answered at once', async () => {
  const { device } = await bench({ answersIn: (contact) => (contact === 'con_1' ? 0 : null) })
  expect(device().rings('CA1', 'con_1').accept).toHaveBeenCalledOnce()
  expect(device().rings('CA2', 'con_2').accept).not.toHaveBeenCalled()
  expect(device().rings('CA3').accept).not.toHaveBeenCalled()
})

test('of several tabs another than the one in use answers later, unless it is answered by then', async () => {
  const { device, later } = await bench({ answersIn: () => 1200 })
  const [missed, taken] = [device().rings('CA1', 'con_1'), device().rings('CA2', 'con_2')]
  taken.end('cancel')
  await later(1200)
  expect(missed.accept).toHaveBeenCalledOnce()
  expect(taken.accept).not.toHaveBeenCalled()
})

test('declining a ringing call rejects it', async () => {
  const { device, phone, state } = await bench()
  const call = device().rings('CA1')
  phone.hangUp('CA1')
  expect(call.reject).toHaveBeenCalledOnce()
  expect(call.disconnect).not.toHaveBeenCalled()
  expect(state().calls).toEqual([])
})

test('a token is renewed before it ends, but not in the middle of a call if that can be helped', async () => {
  const { device, seen } = await bench()
  expect(device().options.tokenRefreshMs).toBe(RENEW_MS)
  device().emit('tokenWillExpire')
  await vi.advanceTimersByTimeAsync(0)
  expect(device().tokens.at(-1)).toBe('token 2')

  const call = device().rings('CA1')
  device().emit('tokenWillExpire')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(seen.asked).toBe(2)
  call.end('disconnect')
  await vi.advanceTimersByTimeAsync(0)
  expect(device().tokens.at(-1)).toBe('token 3')
  await vi.advanceTimersByTimeAsync(RENEW_MS)
  expect(seen.asked).toBe(3)
})

test('a call longer than the token is no reason to lose the telephone', async () => {
  const { device } = await bench()
  device().rings('CA1')
  device().emit('tokenWillExpire')
  await vi.advanceTimersByTimeAsync(RENEW_MS - 60_000)
  expect(device().tokens.at(-1)).toBe('token 2')
})

test('one that has ended is replaced, and the telephone registered anew', async () => {
  const { device, state } = await bench()
  device().emit('error', { code: 20104 })
  expect(state().trouble).toBeNull()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(device().tokens.at(-1)).toBe('token 2')
  expect(device().unregister).toHaveBeenCalledOnce()
  expect(device().register).toHaveBeenCalledTimes(2)
  expect(state().line).toBe('connected')
})

test('one that is refused again and again is told, and not asked for without end', async () => {
  const { device, state, seen } = await bench()
  device().register = vi.fn(async () => {
    device().emit('error', { code: 20101 })
  })
  device().state = 'unregistered'
  device().emit('error', { code: 20101 })
  await vi.advanceTimersByTimeAsync(10_000)
  expect(state().trouble).toEqual({ word: 'phone_t_refused', code: 20101 })
  expect(seen.asked).toBeLessThan(8)
})

test('while the engine does not answer it is asked again, later and later', async () => {
  const down = [1, 2, 3].map(() => new Error('unreachable'))
  const { device, seen, state } = await bench({ answers: down })
  expect(seen.devices).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000 + 2_000 + 4_000)
  expect(seen.asked).toBe(4)
  expect(state().line).toBe('connected')
  // With the connection the waiting begins anew.
  device().emit('error', { code: 20104 })
  expect(state().trouble).toBeNull()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(seen.asked).toBe(5)
})

test('where nothing is set up it says so, once', async () => {
  const { seen, state } = await bench({ answers: [new Refused()] })
  await vi.advanceTimersByTimeAsync(600_000)
  expect(seen.asked).toBe(1)
  expect(state()).toMatchObject({ line: 'refused', trouble: { word: 'phone_t_not_set_up' } })
})

test('a browser that cannot make calls is told so, once', async () => {
  const { seen, state } = await bench({ unsupported: true })
  await vi.advanceTimersByTimeAsync(600_000)
  expect(seen.asked).toBe(1)
  expect(state()).toMatchObject({ line: 'refused', trouble: { word: 'phone_t_unsupported' } })
})

test('a lost connection shows until it is there again', async () => {
  const { device, state } = await bench()
  device().emit('error', { code: 53000 })
  device().become('unregistered')
  expect(state()).toMatchObject({ line: 'lost', trouble: { word: 'phone_t_network', code: 53000 } })
  device().become('registered')
  expect(state()).toMatchObject({ line: 'connected', trouble: null })
})

test('an unknown error is one of the network while there is no connection, and else has its number', async () => {
  const { device, state } = await bench()
  device().emit('error', { code: 31000 })
  expect(state().trouble).toEqual({ word: 'phone_t_other', code: 31000 })
  device().become('unregistered')
  device().emit('error', { code: 31000 })
  expect(state().trouble?.word).toBe('phone_t_network')
})

test.each([
  [31401, 'phone_t_denied', 'denied'],
  [31402, 'phone_t_no_microphone', 'missing'],
])('without a microphone (%i) it is said why, and the call is gone', async (code, word, problem) => {
  const { device, phone, state } = await bench()
  const call = device().rings('CA1')
  call.accept = vi.fn(() => call.fail(code))
  phone.answer('CA1')
  expect(state()).toMatchObject({ microphone: false, microphoneProblem: problem, trouble: { word }, calls: [] })
  device().rings('CA2')
  phone.answer('CA2')
  expect(state()).toMatchObject({ microphone: true, microphoneProblem: null, trouble: null })
})

test('a poor connection shows as long as one of its warnings lasts', async () => {
  const { device, phone, state } = await bench()
  const call = device().rings('CA1')
  phone.answer('CA1')
  call.emit('warning', 'high-rtt')
  call.emit('warning', 'low-mos')
  call.emit('warning-cleared', 'high-rtt')
  expect(state().poor).toBe(true)
  call.emit('warning-cleared', 'low-mos')
  expect(state().poor).toBe(false)
  call.emit('warning', 'high-jitter')
  call.end('disconnect')
  expect(state().poor).toBe(false)
})

test('a call that loses its media and gets it back says so', async () => {
  const { device, phone, state } = await bench()
  const call = device().rings('CA1')
  phone.answer('CA1')
  call.emit('reconnecting', { code: 53405 })
  expect(state().calls[0]!.media).toEqual({ twilio: 'failed' })
  call.emit('reconnected')
  expect(state().calls[0]!.media).toEqual({ twilio: 'connected' })
})

test('what was read is gone; after signing out nothing is heard any more', async () => {
  const { device, phone, state, seen } = await bench()
  device().emit('error', { code: 53405 })
  phone.dismiss()
  expect(state().trouble).toBeNull()
  const call = device().rings('CA1')
  phone.close()
  const last = seen.state
  call.end('disconnect')
  device().become('unregistered')
  await vi.advanceTimersByTimeAsync(600_000)
  expect(seen.state).toBe(last)
  expect(seen.asked).toBe(1)
  expect(device().destroy).toHaveBeenCalledOnce()
})

test('every code has words, but those of calls that just ended', () => {
  expect(troubleOf(31486)).toBeNull()
  expect(troubleOf(53405)).toEqual({ word: 'phone_t_media', code: 53405 })
  expect(troubleOf(20101)).toEqual({ word: 'phone_t_refused', code: 20101 })
  expect(troubleOf(99999)).toEqual({ word: 'phone_t_other', code: 99999 })
  expect(wantsToken(20104) && wantsToken(31205)).toBe(true)
  expect(wantsToken(31401)).toBe(false)
})
