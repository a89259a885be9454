// What the chat looks like: a button in the corner, and the dialog that it opens.

import { Chat } from './chat'
import { h, icon } from '../../shared/dom'
import { Composer } from './composer'
import { Log } from './log'
import { formBefore } from './form'
import { canPick } from './model'
import type { Settings } from './settings'
import { style } from './style'
import { wordsOf, type Words } from './words'

const NARROW = '(max-width: 480px)'

export class View {
  readonly element: HTMLElement
  private readonly chat: Chat
  private readonly words: Words
  private readonly shadow: ShadowRoot
  private readonly launch: HTMLButtonElement
  private readonly badge = h('span', { class: 'badge', 'aria-hidden': 'true' })
  private readonly panel: HTMLElement
  private readonly status = h('p', { role: 'status' })
  private readonly bar = h('div', { class: 'bar', role: 'alert', hidden: true })
  private readonly endButton: HTMLButtonElement
  private readonly log: Log
  private readonly picks: HTMLElement
  private readonly composer: Composer
  private readonly foot = h('div', { class: 'foot', hidden: true })
  private form: HTMLFormElement | null = null
  private asking = false
  private shownPicks = ''
  private shownFoot = ''
  private opened = false

  constructor(private readonly settings: Settings) {
    this.words = wordsOf(settings.language)
    this.chat = new Chat(settings, () => this.refresh())
    this.element = document.createElement('cc-chat')
    this.element.dataset.side = settings.side
    this.element.lang = settings.language === 'zh' ? 'zh-CN' : 'en'
    if (settings.color) this.element.style.setProperty('--cc-chat-color', settings.color)
    this.shadow = this.element.attachShadow({ mode: 'open' })
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(style)
    this.shadow.adoptedStyleSheets = [sheet]

    const words = this.words
    this.launch = h('button', { class: 'launch', type: 'button', 'aria-haspopup': 'dialog', click: () => this.open() }, this.badge)
    this.launch.prepend(icon('chat'))
    this.endButton = this.iconButton('end', words.end, () => this.ask())
    this.log = new Log(this.chat, words)
    this.picks = h('div', { class: 'picks', role: 'group', 'aria-label': words.choose, hidden: true })
    this.composer = new Composer(this.chat, words)
    this.panel = h(
      'section',
      { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', hidden: true, keydown: (event) => this.key(event as KeyboardEvent) },
      h('div', { class: 'head' }, h('div', {}, h('h2', { id: 'title' }, settings.title || words.title), this.status), this.endButton,
        this.iconButton('close', words.close, () => this.close())),
      this.bar, this.log.element, this.picks, this.foot, this.composer.element,
    )
    this.shadow.append(this.panel, this.launch)
    document.addEventListener('visibilitychange', () => this.look())
    this.refresh()
  }

  /** Put it on the page. */
  show(): void {
    document.body.append(this.element)
    if (this.settings.opened || this.chat.keeping.opened) this.open(this.settings.opened && !this.chat.keeping.opened)
    else if (this.chat.keeping.active) this.chat.connect()
  }

  setToken(token: string): void {
    this.chat.setToken(token)
  }

  open(quietly = false): void {
    this.opened = true
    this.chat.keeping.opened = true
    this.element.dataset.open = ''
    this.panel.hidden = false
    this.launch.hidden = true
    this.panel.setAttribute('aria-modal', String(window.matchMedia(NARROW).matches))
    this.chat.connect()
    this.look()
    this.refresh()
    this.log.toEnd()
    if (!quietly) this.focus()
  }

  close(): void {
    this.opened = false
    this.chat.keeping.opened = false
    delete this.element.dataset.open
    this.panel.hidden = true
    this.launch.hidden = false
    this.look()
    this.refresh()
    this.launch.focus()
  }

  private look(): void {
    this.chat.look(this.opened && document.visibilityState === 'visible')
  }

  private focus(): void {
    const field = this.form?.querySelector('input')
    if (field) field.focus()
    else if (!this.composer.element.hidden) this.composer.focus()
    else this.panel.querySelector<HTMLElement>('.head button:last-of-type')?.focus()
  }

  private key(event: KeyboardEvent): void {
    event.stopPropagation() // the host's shortcuts are not meant while somebody writes here
    if (event.key === 'Escape') this.close()
    if (event.key !== 'Tab' || !window.matchMedia(NARROW).matches) return
    const all = [...this.panel.querySelectorAll<HTMLElement>('button,textarea,input,a[href],[tabindex="0"]')].filter(
      (each) => each.offsetParent !== null && !each.hasAttribute('disabled'),
    )
    const [first, last] = [all[0], all[all.length - 1]]
    const at = this.shadow.activeElement
    if (event.shiftKey ? at === first : at === last) {
      event.preventDefault()
      ;(event.shiftKey ? last : first)?.focus()
    }
  }

  private refresh(): void {
    if (!this.composer) return // the chat says that it changed before all of us is there
    const { words } = this
    const { model, link, refusal } = this.chat
    const { phase, agent } = model.standing
    this.badge.textContent = model.unread ? String(Math.min(99, model.unread)) : ''
    this.badge.hidden = model.unread === 0
    this.launch.setAttribute('aria-label', model.unread ? words.openNew(model.unread) : words.open)
    if (!this.opened) return
    setText(this.status, { none: '', flow: words.assistant, waiting: words.waiting, agent: words.talking(agent), ended: '' }[phase])
    const trouble = this.trouble(refusal)
    this.bar.hidden = !trouble
    setText(this.bar, trouble)
    const open = phase !== 'none' && phase !== 'ended'
    this.endButton.hidden = !open
    this.begin(link === 'on' && phase === 'none')
    this.log.refresh()
    this.refreshPicks()
    this.refreshFoot(phase === 'ended', open)
    this.log.element.hidden = this.form !== null
    this.composer.element.hidden = !open || this.asking
    this.composer.refresh()
  }

  private trouble(refusal: string): string {
    const { words } = this
    if (refusal) return refusal === 'too_many' ? words.tooMany : words.refusedHere
    if (this.chat.link === 'on' || this.chat.link === 'off') return ''
    if (!navigator.onLine) return words.offline
    return this.chat.model.ready ? words.lost : words.connecting
  }

  /** Where there is no conversation yet: the form, else the flow's first words. */
  private begin(nothing: boolean): void {
    const begun = this.chat.model.pending.some((each) => each.line.type === 'start')
    if (nothing && !begun && this.settings.fields.length) {
      if (this.form) return
      this.form = formBefore(this.settings.fields, this.words, (said) => this.chat.start({ ...said, page: location.href.slice(0, 200) }))
      this.log.element.before(this.form)
      if (this.shadow.activeElement) this.focus()
      return
    }
    if (nothing && !begun) this.chat.start({ page: location.href.slice(0, 200) })
    if (this.form && (begun || this.chat.model.standing.phase !== 'none')) {
      const focused = this.form.contains(this.shadow.activeElement)
      this.form.remove()
      this.form = null
      if (focused) window.setTimeout(() => this.focus())
    }
  }

  private refreshPicks(): void {
    const options = canPick(this.chat.model) ? this.chat.model.standing.options : []
    const now = JSON.stringify(options)
    if (now === this.shownPicks) return
    this.shownPicks = now
    const focused = this.picks.contains(this.shadow.activeElement)
    this.picks.replaceChildren(
      ...options.map((option) =>
        h('button', { type: 'button', click: () => this.chat.say(option.label, [], option.value) }, option.label),
      ),
    )
    this.picks.hidden = options.length === 0
    if (focused) this.composer.focus()
    this.log.toEnd()
  }

  private refreshFoot(ended: boolean, open: boolean): void {
    const { words } = this
    this.asking = this.asking && open
    const now = ended ? 'ended' : this.asking ? 'asking' : ''
    if (now === this.shownFoot) return
    this.shownFoot = now
    this.foot.hidden = !now
    if (now === 'ended') {
      this.foot.replaceChildren(h('span', { role: 'status' }, words.ended),
        h('button', { class: 'main', type: 'button', click: () => this.again() }, words.again))
    } else if (now === 'asking') {
      const yes = h('button', { class: 'main', type: 'button', click: () => this.chat.end() }, words.yesEnd)
      this.foot.replaceChildren(h('span', {}, words.endSure), yes,
        h('button', { class: 'link', type: 'button', click: () => this.ask(false) }, words.no))
      yes.focus()
    }
  }

  private ask(asking = true): void {
    this.asking = asking
    this.refresh()
    if (!asking) this.composer.focus()
  }

  private again(): void {
    this.chat.start({ page: location.href.slice(0, 200) })
    this.refresh()
    window.setTimeout(() => this.focus(), 300)
  }

  private iconButton(name: Parameters<typeof icon>[0], label: string, click: () => void): HTMLButtonElement {
    const button = h('button', { type: 'button', 'aria-label': label, title: label, click })
    button.append(icon(name))
    return button
  }
}

/** Text that is read out by screen readers only where it is another one. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
