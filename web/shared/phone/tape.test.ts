import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Tape } from './tape'

/** The streams that go into the mix. */
let mixed: unknown[]

class FakeRecorder {
  static made: FakeRecorder
  static isTypeSupported = () => true
  state = 'inactive'
  ondataavailable: ((event: { data: Blob }) => void) | null = null
  onstop: (() => void) | null = null
  constructor() {
    FakeRecorder.made = this
  }
  start() {
    this.state = 'recording'
  }
  pause() {
    this.state = 'paused'
  }
  resume() {
    this.state = 'recording'
  }
  stop() {
    this.state = 'inactive'
    this.onstop?.()
  }
}

beforeEach(() => {
  mixed = []
  vi.stubGlobal('AudioContext', class {
    state = 'running'
  })
  vi.stubGlobal('MediaStreamAudioDestinationNode', class {
    stream = {}
  })
  vi.stubGlobal('GainNode', class {
    connect() {}
    disconnect() {}
  })
  vi.stubGlobal('MediaStreamAudioSourceNode', class {
    constructor(_: unknown, private readonly of: { mediaStream: unknown }) {}
    connect() {
      mixed.push(this.of.mediaStream)
    }
    disconnect() {
      mixed = mixed.filter((each) => each !== this.of.mediaStream)
    }
  })
  vi.stubGlobal('MediaStream', class {
    constructor(readonly tracks: unknown[]) {}
  })
  vi.stubGlobal('MediaRecorder', FakeRecorder)
})
afterEach(() => void vi.unstubAllGlobals())

const own = 'microphone' as unknown as MediaStreamTrack
const [customer, supervisor] = ['customer', 'supervisor'] as unknown as [MediaStream, MediaStream]
const names = () => mixed.map((each) => (typeof each === 'string' ? each : 'own'))

test('who is heard by all goes in, and out again once it is a whisper', () => {
  const tape = new Tape({ id: 'RE1', key: 'k' }, own, () => {})
  for (const [heard, wanted] of [
    [[customer], ['own', 'customer']],
    [[customer, supervisor], ['own', 'customer', 'supervisor']],
    [[customer, supervisor], ['own', 'customer', 'supervisor']],
    [[customer], ['own', 'customer']],
    [[supervisor, customer], ['own', 'customer', 'supervisor']],
    [[], ['own']],
  ] as const) {
    tape.hear([...heard])
    expect(names()).toEqual(wanted)
  }
  tape.stop()
  expect(names()).toEqual([])
})

test('pieces are sent one after another, and the last one says so', async () => {
  const sent: string[] = []
  vi.stubGlobal('fetch', async (url: string) => {
    sent.push(url)
    return { ok: true }
  })
  const tape = new Tape({ id: 'RE1', key: 'k' }, own, () => {})
  for (const text of ['one', '', 'two']) FakeRecorder.made.ondataavailable?.({ data: new Blob([text]) })
  tape.set(false)
  expect(FakeRecorder.made.state).toBe('paused')
  tape.set(true)
  expect(FakeRecorder.made.state).toBe('recording')
  tape.stop()
  await vi.waitFor(() => expect(sent).toHaveLength(3))
  expect(sent).toEqual(['0', '1', '2?last=1'].map((piece) => `/phone/recordings/RE1/${piece}`))
})
