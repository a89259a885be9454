// Where the visitor writes: Enter sends, Shift+Enter begins a line, files go along. What is written is kept.

import type { Chat } from './chat'
import { h, icon } from '../../shared/dom'
import { explain, FileRefused, sizeOf, upload } from './files'
import type { SentFile } from './lines'
import type { Words } from './words'

const LONGEST = 4000

interface Chosen {
  name: string
  /** null while it is on its way up. */
  sent: SentFile | null
  trouble: string
}

export class Composer {
  readonly element: HTMLElement
  private readonly text: HTMLTextAreaElement
  private readonly sendButton: HTMLButtonElement
  private readonly attachButton: HTMLButtonElement
  private readonly picker: HTMLInputElement
  private readonly chips = h('div', { class: 'chips', 'aria-live': 'polite', hidden: true })
  private chosen: Chosen[] = []

  constructor(
    private readonly chat: Chat,
    private readonly words: Words,
  ) {
    this.text = h('textarea', {
      rows: '1', maxlength: String(LONGEST), 'aria-label': words.write, placeholder: words.write, dir: 'auto',
      input: () => this.written(), keydown: (event) => this.key(event as KeyboardEvent),
    })
    this.text.value = chat.keeping.draft
    this.picker = h('input', { type: 'file', multiple: true, hidden: true, change: () => this.picked() })
    this.attachButton = h('button', { type: 'button', 'aria-label': words.attach, title: words.attach, click: () => this.picker.click() })
    this.attachButton.append(icon('clip'))
    this.sendButton = h('button', { type: 'button', 'aria-label': words.send, title: words.send, click: () => this.send() })
    this.sendButton.append(icon('send'))
    this.element = h('div', {}, this.chips, h('div', { class: 'write' }, this.attachButton, this.picker, this.text, this.sendButton))
  }

  focus(): void {
    this.text.focus()
  }

  refresh(): void {
    const { ready, standing } = this.chat.model
    const types = ready?.files.bytes ? ready.files.types : []
    this.attachButton.hidden = types.length === 0
    const accept = types.join(',') + (types.includes('text/plain') ? ',.txt,.csv,.log,.md' : '')
    if (this.picker.accept !== accept) this.picker.accept = accept
    this.text.classList.toggle('secret', standing.sensitive)
    const uploading = this.chosen.some((each) => !each.sent && !each.trouble)
    this.sendButton.disabled = uploading || (!this.text.value.trim() && !this.chosen.some((each) => each.sent))
  }

  private written(): void {
    if (!this.chat.model.standing.sensitive) this.chat.keeping.draft = this.text.value
    this.text.style.height = 'auto'
    this.text.style.height = `${Math.min(120, this.text.scrollHeight + 2)}px`
    if (this.text.value) this.chat.writes()
    this.refresh()
  }

  private key(event: KeyboardEvent): void {
    // isComposing: Enter chooses a word there, in Chinese and elsewhere
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    if (!this.sendButton.disabled) this.send()
  }

  private send(): void {
    const files = this.chosen.flatMap((each) => (each.sent ? [each.sent] : []))
    const text = this.text.value.trim()
    if (!text && !files.length) return
    this.text.value = ''
    this.chat.keeping.draft = ''
    this.chosen = []
    this.drawChips()
    this.written()
    this.chat.say(text, files)
    this.text.focus()
  }

  private picked(): void {
    const most = this.chat.model.ready?.files.most ?? 0
    for (const file of this.picker.files ?? []) {
      if (this.chosen.length >= most) {
        this.chosen.push({ name: file.name, sent: null, trouble: this.words.fileMany })
        break
      }
      const chosen: Chosen = { name: file.name, sent: null, trouble: '' }
      this.chosen.push(chosen)
      void this.bring(file, chosen)
    }
    this.picker.value = ''
    this.drawChips()
  }

  private async bring(file: File, chosen: Chosen): Promise<void> {
    const most = this.chat.model.ready?.files.bytes ?? 0
    try {
      if (file.size > most) throw new FileRefused('size')
      chosen.sent = await upload(this.chat.settings.base, this.chat.proof, file)
    } catch (error) {
      chosen.trouble = explain(this.words, error instanceof Error ? error.message : '', most)
    }
    this.drawChips()
  }

  private drawChips(): void {
    const { words } = this
    this.chips.hidden = this.chosen.length === 0
    this.chips.replaceChildren(
      ...this.chosen.map((each) => {
        const told = each.trouble ? `${each.name} ${each.trouble}` : each.sent ? `${each.sent.name} (${sizeOf(each.sent.size)})` : words.uploading(each.name)
        const remove = h('button', { type: 'button', 'aria-label': words.remove(each.name), click: () => this.remove(each) })
        remove.append(icon('close'))
        return h('span', { class: each.trouble ? 'chip bad' : 'chip' }, told, remove)
      }),
    )
    this.refresh()
  }

  private remove(chosen: Chosen): void {
    this.chosen = this.chosen.filter((each) => each !== chosen)
    this.drawChips()
    this.text.focus()
  }
}
