// The desk's connection: opened again and again with growing patience, and watched for silence.
import { protocols, socketUrl } from '../session'
import type { Numbered } from './desk'

export type Link = 'connecting' | 'connected' | 'lost'

interface Heard {
  link(link: Link): void
  opened(): void
  notice(notice: Numbered): void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

export class DeskSocket {
  private socket: WebSocket | null = null
  private tries = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false

  constructor(private readonly heard: Heard) {
    addEventListener('online', this.hurry)
    document.addEventListener('visibilitychange', this.hurry)
  }

  open(): void {
    if (this.closed) return
    clearTimeout(this.timer)
    this.heard.link(this.tries === 0 ? 'connecting' : 'lost')
    const socket = new WebSocket(socketUrl('/api/v1/desk'), protocols())
    this.socket = socket
    socket.onopen = () => this.heard.opened()
    socket.onmessage = (message) => {
      this.tries = 0
      const notice = JSON.parse(String(message.data)) as Numbered
      if (notice.event === 'hello') this.heard.link('connected')
      this.heard.notice(notice)
    }
    socket.onclose = () => {
      if (this.socket !== socket || this.closed) return
      this.heard.link('lost')
      this.tries += 1
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.tries - 1, 6))
      this.timer = setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2))
    }
  }

  /** The network is back, or somebody looks again: no more waiting. */
  private readonly hurry = (): void => {
    if (!this.closed && !document.hidden && this.socket?.readyState === WebSocket.CLOSED) {
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
    removeEventListener('online', this.hurry)
    document.removeEventListener('visibilitychange', this.hurry)
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"say":"bye"}')
    this.socket?.close()
  }
}
