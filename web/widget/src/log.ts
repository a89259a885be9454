// The messages, as a list that grows at its end; a screen reader reads out what is added.

import type { Chat } from './chat'
import { h, icon, linked } from '../../shared/dom'
import { save, sizeOf } from './files'
import type { Message, SentFile } from './lines'
import { isRead, type Pending } from './model'
import type { Words } from './words'

export class Log {
  readonly element: HTMLElement
  private readonly typing = h('div', { class: 'note', 'aria-hidden': 'true', hidden: true })
  private readonly shown = new Map<string, { node: HTMLElement; as: string }>()

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
  ) {
    this.element = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': words.log, tabindex: '0' })
    this.element.append(this.typing)
  }

  refresh(): void {
    const { messages, pending, standing } = this.chat.model
    const atEnd = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 80
    const wanted = new Set<string>()
    let before = 0
    messages.forEach((message, index) => {
      const key = message.line || message.id
      wanted.add(key)
      before += this.put(key, `${message.id} ${this.markOf(message, index)}`, before, () => this.drawn(message, index))
    })
    for (const each of pending) {
      if (each.line.type !== 'say') continue
      wanted.add(each.line.id)
      before += this.put(each.line.id, `pending ${each.refused}`, before, () => this.waiting(each))
    }
    for (const [key, { node }] of this.shown) {
      if (wanted.has(key)) continue
      node.remove()
      this.shown.delete(key)
    }
    this.typing.hidden = !this.chat.typing
    this.typing.textContent = this.chat.typing ? this.words.typing(standing.agent) : ''
    if (atEnd) this.toEnd()
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight
  }

  /** The node of `key` at place `at`, drawn anew only where it has changed. */
  private put(key: string, as: string, at: number, draw: () => HTMLElement): number {
    const known = this.shown.get(key)
    let node = known?.node
    if (!known || known.as !== as) {
      node = draw()
      known?.node.replaceWith(node)
      this.shown.set(key, { node, as })
    }
    const there = this.element.children[at] ?? null
    if (node && there !== node) this.element.insertBefore(node, there)
    return 1
  }

  private markOf(message: Message, index: number): string {
    return message.by === 'visitor' && isRead(this.chat.model, index) ? 'read' : ''
  }

  private drawn(message: Message, index: number): HTMLElement {
    const { words } = this
    const mine = message.by === 'visitor'
    const names = { visitor: words.you, flow: words.bot, bot: words.bot, agent: message.name || words.agent, system: words.system }
    const mark = mine ? (this.markOf(message, index) ? ` ✓✓ ${words.read}` : ` ✓ ${words.sent}`) : ''
    return h('div', { class: mine ? 'm mine' : 'm' },
      h('span', { class: mine ? 'sr' : 'who' }, names[message.by] ?? ''),
      message.text && h('div', { class: 'b' }, ...(mine ? [message.text] : linked(message.text))),
      ...(message.files ?? []).map((file) => this.file(file)),
      h('div', { class: 't' }, time(message.at, this.chat.settings.language) + mark))
  }

  private waiting(each: Pending): HTMLElement {
    const { words, chat } = this
    const { text = '', id } = each.line
    const shown = chat.model.standing.sensitive ? text.replace(/./g, '•') : text
    const state = each.refused
      ? h('div', { class: 't bad', role: 'alert' }, `${words.notSent} ${each.refused === 'too_many' ? words.tooMany : words.failed} `,
          h('button', { type: 'button', click: () => chat.retry(id) }, words.retry),
          h('button', { type: 'button', click: () => chat.drop(id) }, words.drop))
      : h('div', { class: 't' }, words.sending)
    return h('div', { class: 'm mine' }, h('span', { class: 'sr' }, words.you), shown && h('div', { class: 'b' }, shown),
      ...each.files.map((file) => this.file(file)), state)
  }

  private file(file: SentFile): HTMLElement {
    const size = sizeOf(file.size)
    const button = h('button', {
      class: 'f', type: 'button', 'aria-label': this.words.save(file.name, size),
      click: () => void save(this.chat.settings.base, this.chat.proof, file),
    }, `${file.name} (${size})`)
    button.prepend(icon('clip'))
    return button
  }
}

function time(at: string, language: string): string {
  const date = new Date(at)
  const today = date.toDateString() === new Date().toDateString()
  const how: Intl.DateTimeFormatOptions = today ? { timeStyle: 'short' } : { dateStyle: 'short', timeStyle: 'short' }
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en', how).format(date)
}
