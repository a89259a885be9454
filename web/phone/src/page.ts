// The page: a telephone on one side, what is said on the other.
import { h } from '../../shared/dom'
import { Answer } from './answer'
import type { Customer, Phase } from './customer'
import { Dialling } from './dialling'
import { isTyping, Keypad } from './keypad'
import { keyOf } from './keys'
import { Log } from './log'
import { type Language, NAMES, TAGS, type Words } from './words'

export interface Switches {
  language: Language
  aloud: () => boolean
  speak: (on: boolean) => void
  choose: (language: Language) => void
}

export class Page {
  readonly elements: HTMLElement[]
  private readonly standing = h('h2', { id: 'standing', tabindex: '-1' })
  private readonly detail = h('p', { class: 'detail' })
  private readonly clock = h('span', { class: 'clock', role: 'timer' })
  private readonly trouble = h('div', { class: 'trouble', role: 'alert' })
  private readonly hint = h('p', { class: 'hint', role: 'status' })
  private readonly level: HTMLMeterElement
  private readonly mute: HTMLButtonElement
  private readonly hangUp: HTMLButtonElement
  private readonly answer: HTMLButtonElement
  private readonly decline: HTMLButtonElement
  private readonly again: HTMLButtonElement
  private readonly other: HTMLButtonElement
  private readonly controls: HTMLElement
  private readonly dialling: Dialling
  private readonly log: Log
  private readonly answering: Answer
  private readonly aloud = h('input', { type: 'checkbox', id: 'aloud' })
  private phase: Phase | null = null
  private ticking: ReturnType<typeof setInterval> | undefined

  constructor(
    private readonly customer: Customer,
    private readonly words: Words,
    private readonly switches: Switches,
  ) {
    const button = (label: string, kind: string, click: () => void) =>
      h('button', { type: 'button', class: kind, click }, label)
    this.level = h('meter', { min: '0', max: '1', 'aria-label': words.level })
    this.clock.setAttribute('aria-label', words.duration)
    this.mute = button(words.mute, 'quiet', () => customer.phone.mute(!customer.phone.state.muted))
    this.hangUp = button(words.hangUp, 'red', () => void customer.hangUp())
    this.answer = button(words.answer, 'green', () => customer.answer())
    this.decline = button(words.decline, 'red', () => void customer.hangUp())
    this.again = button(words.again, 'green', () => customer.dial(customer.to, this.dialling.own))
    this.other = button(words.other, 'quiet', () => customer.putDown())
    this.dialling = new Dialling(customer, words)
    this.log = new Log(words, switches.language)
    this.answering = new Answer(customer, words)
    this.controls = h('div', { class: 'controls' },
      this.answer, this.decline, this.mute, this.hangUp, this.again, this.other)
    const keypad = new Keypad(words, (key) => this.press(key))
    this.elements = [
      this.header(),
      h('main', {},
        h('section', { class: 'card phone', 'aria-labelledby': 'standing' },
          h('div', { class: 'display' }, h('div', { role: 'status' }, this.standing), this.detail, this.clock, this.level),
          this.trouble, this.dialling.element, this.controls, keypad.element),
        h('section', { class: 'card talk', 'aria-labelledby': 'conversation' },
          h('h2', { id: 'conversation' }, words.conversation), this.log.element, this.hint, this.answering.element)),
    ]
    document.onkeydown = (event) => {
      const key = keyOf(event)
      if (!key || isTyping(event.target)) return
      event.preventDefault()
      this.press(key)
    }
  }

  private header(): HTMLElement {
    const { words, switches } = this
    const select = h('select', { id: 'language', change: () => switches.choose(select.value as Language) })
    for (const language of ['en', 'zh'] as const) {
      const option = h('option', { value: language, lang: TAGS[language] }, NAMES[language])
      option.selected = language === switches.language
      select.append(option)
    }
    this.aloud.addEventListener('change', () => switches.speak(this.aloud.checked))
    return h('header', {}, h('h1', {}, words.title),
      h('label', { for: 'aloud', title: words.aloudHelp }, this.aloud, words.aloud),
      h('label', { class: 'sr', for: 'language' }, words.language), select)
  }

  private press(key: string): void {
    if (this.customer.call) this.customer.press(key)
    else this.dialling.press(key)
  }

  refresh(): void {
    const { customer, words } = this
    const { phase } = customer
    const { line, muted = false } = customer.phone.state
    setText(this.standing, this.standingText(phase))
    setText(this.detail, this.detailText(phase))
    this.detail.hidden = !this.detail.textContent
    this.refreshTrouble(phase)
    const live = phase === 'automatic' || phase === 'talking' || phase === 'hold'
    this.answer.hidden = this.decline.hidden = phase !== 'incoming'
    this.hangUp.hidden = !live && phase !== 'calling'
    this.mute.hidden = !live
    setText(this.mute, muted ? words.unmute : words.mute)
    this.mute.classList.toggle('on', muted)
    this.again.hidden = this.other.hidden = phase !== 'ended' || !customer.to
    this.again.disabled = line !== 'connected'
    this.dialling.element.hidden = phase !== 'idle' && !(phase === 'ended' && !customer.to)
    this.dialling.refresh(line === 'connected')
    this.log.refresh(customer.transcript, this.switches.aloud() && !customer.voiceless)
    setText(this.hint, this.hintText())
    this.hint.hidden = !this.hint.textContent
    this.answering.refresh(phase === 'automatic')
    this.aloud.checked = this.switches.aloud()
    document.body.dataset.phase = phase
    this.tick(live)
    if (this.phase !== null && this.phase !== phase) this.focus(phase)
    this.phase = phase
  }

  private standingText(phase: Phase): string {
    const { customer, words } = this
    const from = customer.call?.from
    const to = customer.to || words.anonymousCall
    return {
      idle: words.line[customer.phone.state.line],
      incoming: words.incoming(from && from !== 'anonymous' ? from : words.anonymousCall),
      calling: words.calling(to),
      automatic: words.automatic(to),
      talking: words.talking,
      hold: words.hold,
      ended: words.ended,
    }[phase]
  }

  private detailText(phase: Phase): string {
    const { customer, words } = this
    const { line, microphone, muted } = customer.phone.state
    if (phase === 'ended') return words.reason[customer.reason] ?? ''
    if (phase !== 'idle' && line !== 'connected') return words.line[line]
    if (phase !== 'idle' && phase !== 'incoming' && microphone === null) return words.askMicrophone
    return muted ? words.muted : ''
  }

  private refreshTrouble(phase: Phase): void {
    const { customer, words } = this
    const { microphoneProblem } = customer.phone.state
    const inCall = phase !== 'idle' && phase !== 'ended' && phase !== 'incoming'
    const lines = [
      customer.error,
      inCall && microphoneProblem ? words.microphone[microphoneProblem] : '',
      inCall && customer.voiceless && this.switches.aloud() ? words.noVoice(this.nameOf(customer.voiceless)) : '',
      customer.earsFailed ? words.speakFailed : '',
    ].filter((line) => line)
    if (this.trouble.dataset.shown === lines.join('\n')) return
    this.trouble.dataset.shown = lines.join('\n')
    this.trouble.replaceChildren(...lines.map((line) => h('p', line === customer.error ? { lang: 'en' } : {}, line)))
  }

  private nameOf(language: string): string {
    try {
      return new Intl.DisplayNames([TAGS[this.switches.language]], { type: 'language' }).of(language) ?? language
    } catch {
      return language
    }
  }

  private hintText(): string {
    const { listening, recording, phone } = this.customer
    const { words } = this
    if (recording) return phone.state.microphone === false ? words.nothingHeard : words.recording
    if (!listening) return ''
    const { keys, speech } = listening
    if (!keys) return words.wanted.words
    const one = keys.max === 1 ? words.wanted.key : keys.max || !keys.finish ? words.wanted.keys : words.wanted.finish(keys.finish)
    return speech ? words.wanted.both(one) : one
  }

  /** Once a second the time, and ten times the level of the microphone. */
  private tick(live: boolean): void {
    this.clock.hidden = !live
    this.level.hidden = !live || this.customer.loudness() === null
    if (live === (this.ticking !== undefined)) return
    clearInterval(this.ticking)
    this.ticking = undefined
    if (!live) return
    const tick = () => {
      if (!this.clock.isConnected) return clearInterval(this.ticking)
      setText(this.clock, clockText((Date.now() - (this.customer.since ?? Date.now())) / 1000))
      this.level.value = this.customer.loudness() ?? 0
    }
    this.ticking = setInterval(tick, 100)
    tick()
  }

  /** Whoever has pressed a button that is no longer there goes on from what has taken its place. */
  private focus(phase: Phase): void {
    const at = document.activeElement
    if (at instanceof HTMLElement && at !== document.body && at.offsetParent !== null) return
    const next: Partial<Record<Phase, HTMLElement>> = {
      idle: this.dialling.field, incoming: this.answer, ended: this.again,
    }
    const element = next[phase] ?? this.standing
    ;(element.offsetParent === null ? this.standing : element).focus()
  }
}

export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** Text that is read out by screen readers only where it is another one. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
