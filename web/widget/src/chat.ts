// The chat itself, without what it looks like: the model, the connection and what is kept, held together.

import type { FromServer, Outgoing, SentFile } from './lines'
import { Connection, type Link } from './link'
import { Keeping } from './keeping'
import { did, dropped, empty, heard, looked, retried, toSay, type Model } from './model'
import type { Settings } from './settings'

/** Milliseconds after which something said and not shown means that the connection is dead. */
const SILENCE = 15_000
const TYPING_EVERY = 3_000
const TYPING_FOR = 5_000

export class Chat {
  model: Model = empty
  link: Link = 'off'
  /** Why the engine will not have us at all; '' as long as it does. */
  refusal = ''
  typing = false
  looking = false
  readonly keeping: Keeping
  private readonly connection: Connection
  private token: string
  private typedAt = 0
  private typingTimer = 0
  private silenceTimer = 0
  private got = ''
  private seen = ''

  constructor(
    readonly settings: Settings,
    private readonly changed: () => void,
  ) {
    this.keeping = new Keeping(`cc-chat:${settings.base}`)
    this.token = settings.token
    this.model = { ...empty, pending: this.keeping.pending }
    this.connection = new Connection(`${settings.base.replace(/^http/, 'ws')}/chat/socket`, {
      hello: () => this.hello(),
      heard: (line) => this.heard(line),
      changed: (link) => {
        this.link = link
        if (link !== 'on') window.clearTimeout(this.silenceTimer)
        this.changed()
      },
    })
  }

  /** What files are asked for with. */
  get proof(): string {
    return this.token ? `ChatToken ${this.token}` : `ChatSession ${this.keeping.session}`
  }

  connect(): void {
    if (!this.refusal || this.refusal === 'try_again') this.connection.open()
  }

  /** The host site's user has changed. */
  setToken(token: string): void {
    this.token = token
    this.refusal = ''
    this.model = empty
    this.connection.close()
    this.connection.open()
  }

  start(form: Record<string, string>): void {
    this.act({ type: 'start', id: newId(), form, line: this.settings.line, language: this.settings.language })
  }

  say(text: string, files: SentFile[] = [], picked = ''): void {
    this.act(
      {
        type: 'say', id: newId(), text, picked, files: files.map((file) => file.id),
        line: this.settings.line, language: this.settings.language,
      },
      files,
    )
  }

  end(): void {
    this.act({ type: 'end', id: newId() })
  }

  retry(id: string): void {
    this.update(retried(this.model, id))
    const line = toSay(this.model).find((each) => each.id === id)
    if (line) this.connection.say(line)
  }

  drop(id: string): void {
    this.update(dropped(this.model, id))
  }

  /** The visitor is writing; the agent is told now and then. */
  writes(): void {
    if (this.model.standing.phase !== 'agent' || Date.now() - this.typedAt < TYPING_EVERY) return
    this.typedAt = Date.now()
    this.connection.say({ type: 'typing' })
  }

  /** Whether the visitor sees the messages now. */
  look(looking: boolean): void {
    this.looking = looking
    if (looking) this.update(looked(this.model))
  }

  private act(line: Outgoing, files: SentFile[] = []): void {
    this.update(did(this.model, line, new Date().toISOString(), files))
    if (this.connection.say(line)) this.expect()
    else this.connect()
  }

  private async hello(): Promise<object> {
    if (!this.token && this.settings.tokenUrl) await this.fetchToken()
    return {
      type: 'hello', session: this.token ? '' : this.keeping.session, token: this.token,
      after: this.model.place, language: this.settings.language,
    }
  }

  private async fetchToken(): Promise<void> {
    const answer = await fetch(this.settings.tokenUrl, { credentials: 'include' }).catch(() => null)
    if (answer?.ok) this.token = (await answer.text()).trim()
  }

  private heard(line: FromServer): void {
    if (line.type === 'typing') return this.showTyping()
    if (line.type === 'refused' && line.final) return this.refused(line.reason)
    if (line.type === 'message' && line.by === 'agent') this.typing = false
    if (line.type === 'ready') {
      this.refusal = ''
      if (line.session) this.keeping.session = line.session
    }
    this.update(heard(this.model, line, this.looking))
    if (line.type === 'ready') {
      for (const waiting of toSay(this.model)) this.connection.say(waiting)
      if (this.model.pending.length) this.expect()
    }
  }

  private refused(reason: string): void {
    if (reason === 'token_expired' && this.settings.tokenUrl) {
      this.token = ''
      return
    }
    this.refusal = reason
    if (reason !== 'try_again' && reason !== 'too_many' && reason !== 'no_hello') this.connection.close()
    this.changed()
  }

  private showTyping(): void {
    this.typing = true
    window.clearTimeout(this.typingTimer)
    this.typingTimer = window.setTimeout(() => {
      this.typing = false
      this.changed()
    }, TYPING_FOR)
    this.changed()
  }

  /** What was said must be shown soon, or the connection is dead. */
  private expect(): void {
    window.clearTimeout(this.silenceTimer)
    this.silenceTimer = window.setTimeout(() => {
      if (toSay(this.model).length) this.connection.mend()
    }, SILENCE)
  }

  private update(model: Model): void {
    this.model = model
    const open = model.standing.phase !== 'none' && model.standing.phase !== 'ended'
    if (model.ready) this.keeping.active = open
    if (!model.standing.sensitive) this.keeping.pending = model.pending
    this.mark()
    this.changed()
  }

  /** Tell the engine how far messages have come, and how far they were seen. */
  private mark(): void {
    const last = [...this.model.messages].reverse().find((each) => each.by !== 'visitor')
    if (!last || last.status === 'read') return
    if (this.got !== last.place && this.connection.say({ type: 'got', place: last.place })) this.got = last.place
    if (this.looking && this.seen !== last.place && this.connection.say({ type: 'seen', place: last.place })) {
      this.seen = last.place
    }
  }
}

/** An id that nobody else makes; not `randomUUID`, which pages without https do not have. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(15))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
