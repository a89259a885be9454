import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Line } from './line'
import type { FromPhone, ToPhone } from './messages'

class Socket {
  static readonly OPEN = 1
  static all: Socket[] = []
  readyState = 0
  sent: Record<string, unknown>[] = []
  code: number | undefined
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null

  constructor() {
    Socket.all.push(this)
  }
  static get last(): Socket {
    return Socket.all.at(-1)!
  }
  open(): this {
    this.readyState = 1
    this.onopen?.()
    return this
  }
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }
  breaks(): void {
    this.readyState = 3
    this.onclose?.()
  }
  close(code?: number): void {
    this.code = code
    this.breaks()
  }
}

const ready = (more: object = {}) => ({ type: 'ready', identity: 'customer', ice: [], resume: 's1', grace: 15, resumed: false, heard: 0, ...more })
const keys = (digits: string): FromPhone => ({ type: 'keys', call: 'CA', digits })

function opened(tries?: number) {
  const states: string[] = []
  const heard: ToPhone[] = []
  let anew = 0
  const line = new Line({
    url: 'ws://x', hello: { type: 'hello', as: 'customer' }, on: (message) => heard.push(message),
    state: (state) => states.push(state), anew: () => anew++, ...(tries === undefined ? {} : { tries }),
  })
  line.open()
  return { line, states, heard, anew: () => anew }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Socket)
  Socket.all = []
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A telephone that is ready, has heard two lines and told two. */
function inCall() {
  const all = opened()
  const first = Socket.last.open()
  first.says(ready())
  first.says({ type: 'placed', call: 'CA' })
  first.says({ type: 'state', call: 'CA', state: 'ringing' })
  all.line.tell(keys('1'))
  all.line.tell(keys('2'))
  return { ...all, first }
}

describe('a connection that broke', () => {
  test('is gone on with: each side says what the other one has missed', () => {
    const { line, first, states, anew } = inCall()
    first.breaks()
    line.tell(keys('3'))
    expect(states.at(-1)).toBe('lost')
    vi.advanceTimersByTime(500)
    const second = Socket.last.open()
    expect(second).not.toBe(first)
    expect(second.sent).toEqual([{ type: 'hello', as: 'customer', resume: 's1', heard: 2 }])
    second.says(ready({ resumed: true, heard: 1 }))
    expect(second.sent.slice(1)).toEqual([keys('2'), keys('3')])
    expect([states.at(-1), anew()]).toEqual(['connected', 0])
    line.tell(keys('4'))
    expect(second.sent.at(-1)).toEqual(keys('4'))
  })

  test('is told to whoever waits, where the engine knows nothing of it any more', () => {
    const { line, first, anew } = inCall()
    first.breaks()
    line.tell(keys('3'))
    vi.advanceTimersByTime(500)
    const second = Socket.last.open()
    second.says(ready({ resume: 's2' }))
    expect([second.sent.length, anew()]).toEqual([1, 1])
    second.breaks()
    vi.advanceTimersByTime(500)
    expect(Socket.last.open().sent[0]).toMatchObject({ resume: 's2', heard: 0 })
  })

  test('is given up after the grace, and then what is told is for nobody', () => {
    const { line, first, anew } = inCall()
    first.breaks()
    for (let second = 0; second < 17; second++) {
      vi.advanceTimersByTime(1000)
      if (Socket.last.readyState === 0) Socket.last.breaks()
    }
    expect(anew()).toBe(0)
    vi.advanceTimersByTime(1000)
    expect(anew()).toBe(1)
    line.tell(keys('3'))
    while (Socket.last.readyState !== 0) vi.advanceTimersByTime(1000)
    const last = Socket.last.open()
    expect(last.sent).toEqual([{ type: 'hello', as: 'customer' }])
    last.says(ready({ resume: 's2' }))
    expect([last.sent.length, anew()]).toEqual([1, 1])
  })

  test('is tried often while calls wait for it', () => {
    const { first } = inCall()
    first.breaks()
    for (let second = 0; second < 15; second++) {
      vi.advanceTimersByTime(1000)
      if (Socket.last.readyState === 0) Socket.last.breaks()
    }
    expect(Socket.all.length).toBeGreaterThan(6)
  })

  test('of before is not listened to', () => {
    const { first, heard } = inCall()
    first.breaks()
    vi.advanceTimersByTime(500)
    const before = heard.length
    first.says({ type: 'ended', call: 'CA', reason: 'x' })
    expect(heard.length).toBe(before)
  })
})

test('a page that is left says goodbye', () => {
  const { line, first } = inCall()
  line.close()
  expect(first.code).toBe(1000)
  vi.advanceTimersByTime(60_000)
  expect(Socket.all.length).toBe(1)
})

test('where nobody ever answers it is given up', () => {
  const { states } = opened(2)
  Socket.last.breaks()
  vi.advanceTimersByTime(1000)
  Socket.last.breaks()
  vi.advanceTimersByTime(60_000)
  expect([Socket.all.length, states.at(-1)]).toEqual([2, 'refused'])
})
