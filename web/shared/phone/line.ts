// The telephone's connection to the engine, opened again and again. A connection that broke is gone on with where it
// was: the engine keeps the telephone for a while, and both sides say again what the other one has missed. So each
// counts what it has heard, `ready` apart.
import type { FromPhone, ToPhone } from './messages'

export type LineState = 'connecting' | 'connected' | 'lost' | 'refused'

export type Hello = Extract<FromPhone, { type: 'hello' }>

export interface LineOptions {
  url: string
  protocols?: string[]
  hello: Hello | (() => Hello)
  on: (message: ToPhone) => void
  state: (state: LineState) => void
  /** The telephone begins anew: of calls that it had, nothing is known any more. */
  anew: () => void
  /** Attempts without any answer until the line is given up (there may be no built-in phone); for ever where left out. */
  tries?: number
}

const LONGEST_WAIT_MS = 15_000
/** While calls wait for the connection, it is tried more often. */
const LONGEST_WAIT_IN_CALLS_MS = 2_000
const KEPT = 200
/** After that much more than the grace the engine has certainly given up. */
const MARGIN_S = 3
/** The page is left on purpose: the engine need not wait (phone_socket.py). */
const GOODBYE = 1000

export class Line {
  private socket: WebSocket | null = null
  private tries = 0
  private answered = false
  private connected = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false
  /** With which the engine knows this telephone again, '' for none. */
  private secret = ''
  private grace = 0
  private givingUp: ReturnType<typeof setTimeout> | undefined
  private heard = 0
  private told = 0
  private readonly kept: FromPhone[] = []

  constructor(private readonly options: LineOptions) {
    globalThis.addEventListener?.('online', this.again)
    globalThis.addEventListener?.('offline', this.cut)
    globalThis.addEventListener?.('pagehide', this.leave)
  }

  open(): void {
    if (this.closed) return
    clearTimeout(this.timer)
    this.options.state(this.tries === 0 && !this.secret ? 'connecting' : 'lost')
    const socket = new WebSocket(this.options.url, this.options.protocols)
    this.socket = socket
    socket.onopen = () => {
      const { hello } = this.options
      const said = typeof hello === 'function' ? hello() : hello
      socket.send(JSON.stringify(this.secret ? { ...said, resume: this.secret, heard: this.heard } : said))
    }
    socket.onmessage = (event) => {
      if (this.socket !== socket) return
      const message = JSON.parse(String(event.data)) as ToPhone
      if (message.type === 'ready') this.ready(message)
      else if (this.connected) this.heard += 1
      this.options.on(message)
    }
    socket.onclose = () => this.broken(socket)
  }

  private ready(message: Extract<ToPhone, { type: 'ready' }>): void {
    clearTimeout(this.givingUp)
    if (!message.resumed) this.begin()
    this.secret = message.resume ?? ''
    this.grace = message.grace ?? 0
    this.tries = 0
    this.answered = this.connected = true
    const missed = this.told - (message.heard ?? 0)
    if (missed > 0) for (const each of this.kept.slice(-missed)) this.send(each)
    this.options.state('connected')
  }

  /** Nothing of before is known to the engine. */
  private begin(): void {
    const known = this.secret !== ''
    this.secret = ''
    this.heard = this.told = this.kept.length = 0
    if (known) this.options.anew()
  }

  private broken(socket: WebSocket): void {
    if (this.socket !== socket || this.closed) return
    this.socket = null
    if (this.connected && this.secret) {
      this.givingUp = setTimeout(() => this.begin(), (this.grace + MARGIN_S) * 1000)
    }
    this.connected = false
    this.tries += 1
    if (!this.answered && this.options.tries !== undefined && this.tries >= this.options.tries) {
      this.options.state('refused')
      return
    }
    this.options.state('lost')
    const longest = this.secret ? LONGEST_WAIT_IN_CALLS_MS : LONGEST_WAIT_MS
    const wait = Math.min(longest, 500 * 2 ** Math.min(this.tries - 1, 6))
    this.timer = setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2))
  }

  /** The network is back: there is nothing to wait for. */
  private readonly again = () => {
    if (this.answered && !this.socket) this.open()
  }

  /** Without a network a connection may seem to stand for minutes. */
  private readonly cut = () => {
    const { socket } = this
    if (!socket || !this.connected) return
    socket.close()
    this.broken(socket)
  }

  private readonly leave = () => this.socket?.close(GOODBYE)

  /** What is told while the connection is broken is heard once there is one, if the telephone is still known then. */
  tell(message: FromPhone): void {
    if (!this.secret) return
    this.told += 1
    this.kept.push(message)
    if (this.kept.length > KEPT) this.kept.shift()
    if (this.connected) this.send(message)
  }

  private send(message: FromPhone): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  close(): void {
    this.closed = true
    this.connected = false
    clearTimeout(this.timer)
    clearTimeout(this.givingUp)
    globalThis.removeEventListener?.('online', this.again)
    globalThis.removeEventListener?.('offline', this.cut)
    globalThis.removeEventListener?.('pagehide', this.leave)
    this.socket?.close(GOODBYE)
  }
}
