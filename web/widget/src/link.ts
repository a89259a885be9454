// The connection: opened, lost, mended. It keeps nothing; whoever owns it says what to say first.

import { readLine, type FromServer } from './lines'

export type Link = 'off' | 'connecting' | 'on' | 'lost'

export interface Owner {
  hello(): Promise<object>
  heard(line: FromServer): void
  changed(link: Link): void
}

/** Seconds until the next try: doubled each time up to half a minute, and never the same for all (`random` 0 to 1). */
export function patience(tries: number, random: number): number {
  return Math.min(30, 0.5 * 2 ** Math.min(tries, 10)) * (0.5 + random / 2)
}

export class Connection {
  link: Link = 'off'
  private socket: WebSocket | null = null
  private tries = 0
  private timer = 0

  constructor(
    private readonly url: string,
    private readonly owner: Owner,
  ) {
    window.addEventListener('online', () => this.link === 'lost' && this.open())
    window.addEventListener('offline', () => this.socket?.close())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && this.link === 'lost') this.open()
    })
  }

  /** Connect, unless we are or do already. */
  open(): void {
    if (this.link === 'on' || this.link === 'connecting') return
    window.clearTimeout(this.timer)
    this.to('connecting')
    const socket = new WebSocket(this.url)
    this.socket = socket
    socket.onopen = async () => {
      const hello = await this.owner.hello()
      if (this.socket === socket) socket.send(JSON.stringify(hello))
    }
    socket.onmessage = (event: MessageEvent<string>) => {
      const line = this.socket === socket ? readLine(event.data) : null
      if (line === null) return
      if (line.type === 'ready') {
        this.tries = 0
        this.to('on')
      }
      this.owner.heard(line)
    }
    socket.onclose = () => {
      if (this.socket !== socket) return
      this.socket = null
      if (this.link === 'off') return
      this.to('lost')
      this.timer = window.setTimeout(() => this.open(), 1000 * patience(this.tries++, Math.random()))
    }
  }

  /** Say it if we are connected; whether we did. */
  say(line: object): boolean {
    if (this.link !== 'on' || this.socket?.readyState !== WebSocket.OPEN) return false
    this.socket.send(JSON.stringify(line))
    return true
  }

  /** The connection is dead though it does not know it: make another. */
  mend(): void {
    const socket = this.socket
    this.socket = null
    socket?.close()
    if (this.link !== 'off') {
      this.to('lost')
      this.open()
    }
  }

  /** No more tries until somebody opens it again. */
  close(): void {
    window.clearTimeout(this.timer)
    this.to('off')
    this.socket?.close()
    this.socket = null
  }

  private to(link: Link): void {
    this.link = link
    this.owner.changed(link)
  }
}
