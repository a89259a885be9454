import { afterEach, beforeEach, expect, test, vi } from 'vitest'

class Socket {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static all: Socket[] = []
  readyState = Socket.CONNECTING
  sent: string[] = []
  onopen?: () => void
  onmessage?: (message: { data: string }) => void
  onclose?: (event: { code: number }) => void
  constructor() {
    Socket.all.push(this)
  }
  send(text: string): void {
    this.sent.push(text)
  }
  /** As a browser does over a dead network: nothing is told. */
  close(): void {
    this.readyState = 2
  }
  opens(): void {
    this.readyState = Socket.OPEN
    this.onopen?.()
    this.says('hello')
  }
  says(event: string): void {
    this.onmessage?.({ data: JSON.stringify({ event, data: {}, n: 0 }) })
  }
}

const links: string[] = []

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Socket)
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('document', { addEventListener: () => {}, hidden: false })
  vi.stubGlobal('location', { protocol: 'http:', host: 'cc.example.com', pathname: '/desk/' })
  Socket.all = []
  links.length = 0
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function begin(): Promise<void> {
  const { DeskSocket } = await import('./socket')
  const shutOut = () => links.push('shut out')
  new DeskSocket({ link: (link) => links.push(link), opened: () => {}, shutOut, notice: () => {} }).open()
}

test.each([
  [1008, ['connecting', 'connected', 'shut out', 'lost']],
  [1006, ['connecting', 'connected', 'lost']],
])('a connection closed with %i', async (code, wanted) => {
  await begin()
  Socket.all[0]!.opens()
  Socket.all[0]!.onclose?.({ code })
  expect(links).toEqual(wanted)
})

test('a network that swallows everything is a lost connection, which is opened again', async () => {
  await begin()
  const socket = Socket.all[0]!
  socket.opens()
  vi.advanceTimersByTime(12_000)
  expect(socket.sent).toEqual(['{"say":"ping"}'])
  vi.advanceTimersByTime(6000)
  expect(links.slice(0, 3)).toEqual(['connecting', 'connected', 'lost'])
  expect(Socket.all).toHaveLength(2)
  Socket.all[1]!.opens()
  expect(links.at(-1)).toBe('connected')
})

test('who answers is there, however long there is nothing to tell', async () => {
  await begin()
  const socket = Socket.all[0]!
  socket.opens()
  for (let asked = 1; asked <= 5; asked++) {
    vi.advanceTimersByTime(11_000)
    expect(socket.sent).toHaveLength(asked)
    socket.says('pong')
  }
  expect(links).toEqual(['connecting', 'connected'])
  expect(Socket.all).toHaveLength(1)
})

test('what never comes about is tried anew', async () => {
  await begin()
  vi.advanceTimersByTime(20_000)
  expect(Socket.all.length).toBeGreaterThan(1)
})
