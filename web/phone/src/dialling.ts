// Whom to call, and as whom.
import { keyTone } from '../../shared/phone/tones'
import { h } from '../../shared/dom'
import type { Customer } from './customer'
import { keep, kept } from './keeping'
import { dialable, isDialable, isOwnNumber } from './keys'
import type { Words } from './words'

export class Dialling {
  readonly element: HTMLFormElement
  readonly field: HTMLInputElement
  private readonly ownField: HTMLInputElement
  private readonly numbers = h('div', { class: 'chips', role: 'group' })
  private readonly samples = h('select', { id: 'sample' })
  private readonly ownPart: HTMLElement
  private readonly samplePart: HTMLElement
  private readonly wrong = h('p', { class: 'wrong', id: 'to-wrong', role: 'alert', hidden: true })
  private readonly ownWrong = h('p', { class: 'wrong', id: 'own-wrong', role: 'alert', hidden: true })
  private readonly call: HTMLButtonElement
  private shown = ''

  constructor(
    private readonly customer: Customer,
    private readonly words: Words,
  ) {
    this.field = h('input', {
      id: 'to', type: 'tel', inputmode: 'tel', autocomplete: 'off', maxlength: '40', 'aria-describedby': 'to-wrong',
      input: () => (this.wrong.hidden = true), change: () => (this.field.value = dialable(this.field.value)),
    })
    this.ownField = h('input', {
      id: 'own', type: 'tel', autocomplete: 'tel', maxlength: '40', 'aria-describedby': 'own-help own-wrong',
      input: () => (this.ownWrong.hidden = true), change: () => (this.ownField.value = dialable(this.ownField.value)),
    })
    this.ownField.value = kept('own')
    this.field.value = customer.to || customer.numbers[0] || ''
    this.samples.addEventListener('change', () => {
      this.ownField.value = this.samples.value
      this.ownWrong.hidden = true
    })
    this.numbers.setAttribute('aria-label', words.numbers)
    this.samplePart = h('div', { class: 'part' }, h('label', { for: 'sample' }, words.samples), this.samples)
    this.ownPart = h('div', { class: 'part' }, h('label', { for: 'own' }, words.own), this.ownField,
      h('p', { class: 'help', id: 'own-help' }, words.ownHelp), this.ownWrong, this.samplePart)
    this.call = h('button', { type: 'submit', class: 'green' }, words.call)
    this.element = h('form', { class: 'dialling', novalidate: true, submit: (event) => this.submit(event) },
      h('div', { class: 'part' }, h('label', { for: 'to' }, words.number),
        h('div', { class: 'row' }, this.field,
          h('button', { type: 'button', class: 'quiet', 'aria-label': words.erase, title: words.erase, click: () => this.erase() }, '⌫')),
        this.wrong, this.numbers),
      this.ownPart, this.call)
  }

  /** The number to call from, '' for none. */
  get own(): string {
    return this.customer.choose ? dialable(this.ownField.value) : ''
  }

  press(key: string): void {
    keyTone(key)
    this.field.value += key
    this.wrong.hidden = true
  }

  private erase(): void {
    this.field.value = this.field.value.slice(0, -1)
  }

  private submit(event: Event): void {
    event.preventDefault()
    const to = (this.field.value = dialable(this.field.value))
    const own = (this.ownField.value = dialable(this.ownField.value))
    if (!isDialable(to)) return complain(this.wrong, this.field, this.words.notNumber)
    if (own && this.customer.choose && !isOwnNumber(own)) return complain(this.ownWrong, this.ownField, this.words.notOwn)
    if (this.customer.choose) keep('own', own)
    this.customer.dial(to, own)
  }

  refresh(ready: boolean): void {
    const { customer, words } = this
    this.call.disabled = !ready
    this.ownPart.hidden = !customer.choose
    this.samplePart.hidden = !customer.samples.length
    const now = JSON.stringify([customer.numbers, customer.samples])
    if (now === this.shown) return
    this.shown = now
    this.field.value ||= customer.numbers[0] ?? ''
    this.numbers.replaceChildren(...customer.numbers.map((number) =>
      h('button', { type: 'button', class: 'chip', click: () => this.choose(number) }, number)))
    this.samples.replaceChildren(h('option', { value: '' }, words.anonymous),
      ...customer.samples.map(({ number, name }) => h('option', { value: number }, `${name} (${number})`)))
    this.samples.value = this.ownField.value
    if (this.samples.selectedIndex < 0) this.samples.selectedIndex = 0
  }

  private choose(number: string): void {
    this.field.value = number
    this.wrong.hidden = true
  }
}

function complain(about: HTMLElement, field: HTMLInputElement, text: string): void {
  about.textContent = text
  about.hidden = false
  field.focus()
}
