// The telephone's connection to the engine: opened again and again; what is told to it meanwhile is lost, for the
// engine begins anew with each connection.
import type { FromPhone, ToPhone } from './messages'

export type LineState = 'connecting' | 'connected' | 'lost' | 'refused'

export interface LineOptions {
  url: string
  protocols?: string[]
  hello: Extract<FromPhone, { type: 'hello' }>
  on: (message: ToPhone) => void
  state: (state: LineState) => void
  /** Attempts without any answer until the line is given up (there may be no built-in phone); for ever where left out. */
  tries?: number
}

const LONGEST_WAIT_MS = 15_000

export class Line {
  private socket: WebSocket | null = null
  private tries = 0
  private heard = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false

  constructor(private readonly options: LineOptions) {}

  open(): void {
    if (this.closed) return
    clearTimeout(this.timer)
    this.options.state(this.tries === 0 ? 'connecting' : 'lost')
    const socket = new WebSocket(this.options.url, this.options.protocols)
    this.socket = socket
    socket.onopen = () => this.tell(this.options.hello)
    socket.onmessage = (event) => {
      const message = JSON.parse(String(event.data)) as ToPhone
      if (message.type === 'ready') {
        this.tries = 0
        this.heard = true
        this.options.state('connected')
      }
      this.options.on(message)
    }
    socket.onclose = () => {
      if (this.socket !== socket || this.closed) return
      this.tries += 1
      if (!this.heard && this.options.tries !== undefined && this.tries >= this.options.tries) {
        this.options.state('refused')
        return
      }
      this.options.state('lost')
      const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(this.tries - 1, 6))
      this.timer = setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2))
    }
  }

  tell(message: FromPhone): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
    this.socket?.close()
  }
}
