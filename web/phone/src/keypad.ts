// Twelve keys.
import { h } from '../../shared/dom'
import { KEYPAD, LETTERS } from './keys'
import type { Words } from './words'

export class Keypad {
  readonly element: HTMLElement

  constructor(words: Words, press: (key: string) => void) {
    this.element = h('div', { class: 'keypad', role: 'group', 'aria-label': words.keypad },
      ...KEYPAD.map((key) =>
        h('button', {
          type: 'button', 'data-key': key, 'data-letters': LETTERS[key] ?? '', 'aria-label': words.key(key), click: () => press(key),
        }, key)))
  }
}

/** Whether keys of the keyboard are text there. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox'
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}
