import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Mesh } from './mesh'
import type { Peer, Signal, Talk } from './messages'

class FakeConnection {
  static made: FakeConnection[] = []
  ontrack: ((event: { track: object; streams: object[] }) => void) | null = null
  connectionState = 'new'
  signalingState = 'stable'
  localDescription: { type: string; toJSON: () => object } | null = null
  remoteDescription: object | null = null
  restarts = 0
  onnegotiationneeded: (() => void) | null = null
  constructor() {
    FakeConnection.made.push(this)
  }
  readonly sender = {
    track: null as unknown,
    dtmf: {
      canInsertDTMF: false,
      toneBuffer: '',
      insertDTMF(tones: string) {
        this.toneBuffer = tones
      },
    },
    asked: [] as unknown[],
    replaceTrack(track: unknown) {
      this.asked.push(track)
      return new Promise(() => undefined) // a negotiation is in the way
    },
  }
  addTrack(track: unknown) {
    this.sender.track = track
    return this.sender
  }
  restartIce() {
    this.restarts++
  }
  async setLocalDescription() {
    this.signalingState = 'have-local-offer'
    this.localDescription = { type: 'offer', toJSON: () => ({ type: 'offer', sdp: 'ours' }) }
  }
  close() {}
}

const peer = (polite: boolean): Peer => ({ peer: 'other', polite, send: true, hear: true })
const talk = (polite: boolean): Talk => ({ type: 'talk', call: 'c', peers: [peer(polite)], hold: false, muted: false, record: false })

beforeEach(() => {
  vi.useFakeTimers()
  FakeConnection.made = []
  vi.stubGlobal('RTCPeerConnection', FakeConnection)
  vi.stubGlobal('MediaStream', class {})
  vi.stubGlobal('Audio', class {
    play = async () => {}
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function meshed(polite: boolean) {
  const told: Signal[] = []
  const track = { enabled: true } as MediaStreamTrack
  const signal = (_: string, data: Signal) => void told.push(data)
  const mesh = new Mesh({ ice: [], track, signal, state: () => {}, streams: () => {}, muted: () => false })
  mesh.set(talk(polite))
  return { mesh, told, track, connection: FakeConnection.made.at(-1)! }
}

test('an offer that was lost is made again until there is a connection', async () => {
  const { told, connection } = meshed(false)
  connection.onnegotiationneeded?.()
  await vi.advanceTimersByTimeAsync(6000)
  await vi.advanceTimersByTimeAsync(6000)
  expect(told.filter((each) => each.description?.type === 'offer')).toHaveLength(3)
  connection.connectionState = 'connected'
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toHaveLength(3)
})

test('where the descriptions are agreed and no connection comes, other ways are looked for', async () => {
  const { connection } = meshed(false)
  await vi.advanceTimersByTimeAsync(12_000)
  expect(connection.restarts).toBe(2)
})

test('the polite end leaves that to the other, and nothing goes on after the end', async () => {
  const polite = meshed(true)
  await vi.advanceTimersByTimeAsync(30_000)
  expect([polite.told, polite.connection.restarts]).toEqual([[], 0])
  const gone = meshed(false)
  gone.mesh.close()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(gone.connection.restarts).toBe(0)
})

test('who is let speak again is heard, though the silence before has not begun yet', () => {
  const { mesh, track, connection } = meshed(false)
  mesh.set({ ...talk(false), peers: [{ ...peer(false), send: false }] })
  mesh.set(talk(false))
  mesh.set(talk(false))
  expect(connection.sender.asked).toEqual([null, track])
})

test('a whisper is heard, and is not recorded until it is for all', () => {
  const { mesh, connection } = meshed(false)
  const voice = { id: 'voice' }
  connection.ontrack?.({ track: {}, streams: [voice] })
  for (const [changes, recorded] of [
    [{}, [voice]],
    [{ whisper: true }, []],
    [{ whisper: false }, [voice]],
    [{ hear: false }, []],
  ] as [Partial<Peer>, object[]][]) {
    mesh.set({ ...talk(false), peers: [{ ...peer(false), ...changes }] })
    expect(mesh.heard()).toEqual(recorded)
  }
  mesh.set({ ...talk(false), peers: [] })
  expect(mesh.heard()).toEqual([])
})

test('keys are pressed for who hears this end, one after another', () => {
  const { mesh, connection } = meshed(false)
  const { dtmf } = connection.sender
  mesh.press('1')
  expect(dtmf.toneBuffer).toBe('') // there is no connection yet
  dtmf.canInsertDTMF = true
  for (const key of '25#') mesh.press(key)
  expect(dtmf.toneBuffer).toBe('25#')
  mesh.set({ ...talk(false), peers: [{ ...peer(false), send: false }] })
  mesh.press('7')
  expect(dtmf.toneBuffer).toBe('25#')
})
