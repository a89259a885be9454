// The desk's connection: opened again and again with growing patience, and watched for silence.
import { protocols, socketUrl } from '../session'
import type { Numbered } from './desk'

export type Link = 'connecting' | 'connected' | 'lost'

interface Heard {
  link(link: Link): void
  opened(): void
  /** The engine has shut this desk out: the session or token is over. */
  shutOut(): void
  notice(notice: Numbered): void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

/** After so long without a word the engine is asked whether it hears us, and given so long for the answer. */
const SILENT_MS = 8000
const ANSWER_MS = 5000
const LOOK_MS = 2000
const CONNECT_MS = 15_000
/** "Policy violation": what the engine closes the connection of somebody with who may not be here any more. */
const SHUT_OUT = 1008

export class DeskSocket {
  private socket: WebSocket | null = null
  private tries = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false
  private watch: ReturnType<typeof setInterval> | undefined
  private heardAt = 0
  private askedAt = 0

  constructor(private readonly heard: Heard) {
    addEventListener('online', this.hurry)
    addEventListener('offline', this.cut)
    document.addEventListener('visibilitychange', this.hurry)
  }

  open(): void {
    if (this.closed) return
    clearTimeout(this.timer)
    this.heard.link(this.tries === 0 ? 'connecting' : 'lost')
    const socket = new WebSocket(socketUrl('/api/v1/desk'), protocols())
    this.socket = socket
    this.heardAt = Date.now()
    this.askedAt = 0
    clearInterval(this.watch)
    this.watch = setInterval(() => this.look(socket), LOOK_MS)
    socket.onopen = () => {
      this.heardAt = Date.now()
      this.heard.opened()
    }
    socket.onmessage = (message) => {
      if (this.socket !== socket) return
      this.tries = 0
      this.heardAt = Date.now()
      const notice = JSON.parse(String(message.data)) as Numbered
      if (notice.event === 'hello') this.heard.link('connected')
      this.heard.notice(notice)
    }
    socket.onclose = (event) => {
      if (event.code === SHUT_OUT && this.socket === socket) this.heard.shutOut()
      this.broken(socket)
    }
  }

  private broken(socket: WebSocket): void {
    if (this.socket !== socket || this.closed) return
    this.socket = null
    clearInterval(this.watch)
    this.heard.link('lost')
    this.tries += 1
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.tries - 1, 6))
    this.timer = setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2))
  }

  /** A network that swallows everything closes nothing: whoever gives no answer is gone. */
  private look(socket: WebSocket): void {
    const now = Date.now()
    if (socket.readyState === WebSocket.CONNECTING) {
      if (now - this.heardAt > CONNECT_MS) this.cut()
    } else if (this.askedAt > this.heardAt) {
      if (now - this.askedAt > ANSWER_MS) this.cut()
    } else if (now - this.heardAt > SILENT_MS && socket.readyState === WebSocket.OPEN) {
      this.askedAt = now
      socket.send('{"say":"ping"}')
    }
  }

  /** Without a network a connection may seem to stand for minutes. */
  private readonly cut = (): void => {
    const { socket } = this
    if (!socket) return
    socket.close()
    this.broken(socket)
  }

  /** The network is back, or somebody looks again: no more waiting. */
  private readonly hurry = (): void => {
    if (!this.closed && !document.hidden && !this.socket) {
      this.tries = 1
      this.open()
    }
  }

  snapshot(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"say":"snapshot"}')
  }

  /** For good: the agent signs out. */
  close(): void {
    this.closed = true
    clearTimeout(this.timer)
    clearInterval(this.watch)
    removeEventListener('online', this.hurry)
    removeEventListener('offline', this.cut)
    document.removeEventListener('visibilitychange', this.hurry)
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"say":"bye"}')
    this.socket?.close()
  }
}
