// What the caller answers in writing or by voice, and the end of a message.
import { h } from '../../shared/dom'
import type { Customer } from './customer'
import { canHear } from './ears'
import { keyOf, keysIn } from './keys'
import type { Words } from './words'

const MOST_SUGGESTIONS = 6

export class Answer {
  readonly element: HTMLElement
  private readonly field: HTMLInputElement
  private readonly form: HTMLFormElement
  private readonly voice: HTMLButtonElement
  private readonly voiceHelp: HTMLElement
  private readonly finish: HTMLButtonElement
  private readonly suggestions: HTMLElement
  private shown = ''

  constructor(
    private readonly customer: Customer,
    private readonly words: Words,
  ) {
    this.field = h('input', {
      id: 'answer', type: 'text', autocomplete: 'off', maxlength: '500', placeholder: words.fieldHint,
      input: () => this.typing(), keydown: (event) => this.key(event as KeyboardEvent),
    })
    this.voice = h('button', {
      type: 'button', class: 'quiet', 'aria-pressed': 'false', 'aria-describedby': 'voice-help', title: words.speakHelp,
      click: () => customer.listenByVoice(!customer.byVoice),
    }, words.speak)
    this.voiceHelp = h('p', { class: 'help', id: 'voice-help' }, words.speakHelp)
    this.finish = h('button', { type: 'button', class: 'green', click: () => void customer.finishMessage() }, words.finish)
    this.suggestions = h('div', { class: 'chips', role: 'group', 'aria-label': words.suggestions })
    this.form = h('form', { class: 'row', submit: (event) => this.submit(event) },
      h('label', { class: 'sr', for: 'answer' }, words.field), this.field,
      h('button', { type: 'submit', class: 'quiet' }, words.send))
    this.element = h('div', { class: 'answer' }, this.suggestions, this.form, this.voice, this.voiceHelp, this.finish)
  }

  private submit(event: Event): void {
    event.preventDefault()
    const text = this.field.value.trim()
    const keys = keysIn(text)
    if (!text) return
    if (keys) this.customer.press(this.finished(keys))
    else if (!this.customer.say(text)) return
    this.field.value = ''
  }

  /** Digits of which as many may come as one likes end with the key that is asked for. */
  private finished(keys: string): string {
    const wanted = this.customer.listening?.keys
    if (!wanted || wanted.max !== 0 || !wanted.finish || keys.endsWith(wanted.finish)) return keys
    return keys + wanted.finish
  }

  private typing(): void {
    const text = this.field.value.trim()
    if (text && !keysIn(text)) this.customer.partly(text)
  }

  /** Where only keys are wanted, they are pressed at once: nobody waits for an answer that is still typed. */
  private key(event: KeyboardEvent): void {
    const { listening } = this.customer
    const key = keyOf(event)
    if (!key || this.field.value || !listening?.keys || listening.speech) return
    event.preventDefault()
    this.customer.press(key)
  }

  refresh(there: boolean): void {
    const { customer, words } = this
    const { listening, recording } = customer
    this.element.hidden = !there
    this.form.hidden = recording !== null
    this.finish.hidden = recording === null
    this.voice.hidden = !canHear() || recording !== null
    this.voiceHelp.hidden = this.voice.hidden || customer.byVoice
    this.voice.setAttribute('aria-pressed', String(customer.byVoice))
    const label = customer.hears ? words.speaking : words.speak
    if (this.voice.textContent !== label) this.voice.textContent = label
    const hints = (listening?.speech && listening.hints ? listening.hints : []).slice(0, MOST_SUGGESTIONS)
    const now = JSON.stringify(hints)
    if (now === this.shown) return
    this.shown = now
    this.suggestions.hidden = hints.length === 0
    this.suggestions.replaceChildren(...hints.map((hint) =>
      h('button', { type: 'button', class: 'chip', lang: listening?.language ?? '', click: () => customer.say(hint) }, hint)))
  }
}
