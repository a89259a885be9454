// The form before the chat: a few fields that the host asks for.

import { h } from '../../shared/dom'
import type { Field } from './settings'
import type { Words } from './words'

const TYPES = { name: 'text', email: 'email', phone: 'tel', subject: 'text' } as const
const FILLED = { name: 'name', email: 'email', phone: 'tel', subject: 'off' } as const

/** What is wrong with a field's value, in words; '' where nothing is. */
export function fault(words: Words, field: Field, value: string): string {
  if (!value.trim()) return field.needed ? words.needed : ''
  return field.name === 'email' && !/^[^\s@]+@[^\s@]+$/.test(value.trim()) ? words.badEmail : ''
}

export function formBefore(fields: Field[], words: Words, done: (said: Record<string, string>) => void): HTMLFormElement {
  const rows = fields.map((field) => {
    const error = h('span', { class: 'err', id: `${field.name}-error` })
    const input = h('input', {
      class: 'i', id: field.name, name: field.name, type: TYPES[field.name], autocomplete: FILLED[field.name],
      maxlength: '200', required: field.needed, 'aria-describedby': `${field.name}-error`,
    })
    const title = words[field.name] + (field.needed ? '' : ` ${words.optional}`)
    return { field, input, error, row: h('label', {}, title, input, error) }
  })
  const submit = (event: Event) => {
    event.preventDefault()
    const said: Record<string, string> = {}
    let first: HTMLInputElement | null = null
    for (const { field, input, error } of rows) {
      const wrong = fault(words, field, input.value)
      error.textContent = wrong
      input.setAttribute('aria-invalid', String(!!wrong))
      if (wrong) first ??= input
      else if (input.value.trim()) said[field.name] = input.value.trim()
    }
    if (first) first.focus()
    else done(said)
  }
  return h('form', { class: 'before', novalidate: true, submit }, h('h3', {}, words.formTitle), ...rows.map(({ row }) => row),
    h('button', { class: 'main', type: 'submit' }, words.begin))
}
