// What can be pressed and dialled.

export const KEYPAD = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const
export const LETTERS: Record<string, string> = {
  2: 'ABC', 3: 'DEF', 4: 'GHI', 5: 'JKL', 6: 'MNO', 7: 'PQRS', 8: 'TUV', 9: 'WXYZ', 0: '+',
}

/** Full-width digits and signs, as Chinese keyboards write them, as plain ones. */
const plain = (text: string): string => text.normalize('NFKC')

/** The telephone key that a key of the keyboard stands for, '' for none. */
export function keyOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'isComposing'>): string {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return ''
  const key = plain(event.key)
  return /^[0-9*#]$/.test(key) ? key : ''
}

/** A number as it was typed or pasted, as it is dialled: without what people write between the digits. */
export function dialable(text: string): string {
  const number = plain(text).replace(/^\s*tel:/i, '').replace(/\(0\)/g, '').replace(/[\s().\-–/‑]/g, '')
  return number.startsWith('00') && number.length > 8 ? `+${number.slice(2)}` : number
}

export const isDialable = (number: string): boolean => /^\+?[0-9*#]{1,20}$/.test(number)
export const isOwnNumber = (number: string): boolean => /^\+[1-9][0-9]{6,14}$/.test(number)

/** An answer that was typed, as keys where it is nothing but keys; '' where it is words. */
export function keysIn(text: string): string {
  const keys = plain(text).replace(/[\s-]/g, '')
  return /^[0-9*#]+$/.test(keys) ? keys : ''
}
