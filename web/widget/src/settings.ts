// What the host page says with data attributes of the script tag.

import { languageOf, type Language } from './words'

export interface Field {
  name: 'name' | 'email' | 'phone' | 'subject'
  needed: boolean
}

export interface Settings {
  /** Where the engine is: scheme, host and port. */
  base: string
  language: Language
  title: string
  color: string
  side: 'left' | 'right'
  fields: Field[]
  token: string
  tokenUrl: string
  line: string
  opened: boolean
}

const KNOWN = ['name', 'email', 'phone', 'subject'] as const

/** The form before the chat: `name! email` asks for both, and the name must be given. */
export function readFields(text: string): Field[] {
  const fields: Field[] = []
  for (const word of text.split(/[\s,]+/)) {
    const name = KNOWN.find((each) => each === word.replace('!', ''))
    if (name && !fields.some((field) => field.name === name)) fields.push({ name, needed: word.endsWith('!') })
  }
  return fields
}

export function readSettings(source: string, data: Record<string, string | undefined>, pageLanguage: string): Settings {
  const color = data.color ?? ''
  return {
    base: new URL(source).origin,
    language: languageOf(data.language, pageLanguage, typeof navigator === 'undefined' ? '' : navigator.language),
    title: data.title ?? '',
    color: /^#[0-9a-f]{3,8}$/i.test(color) ? color : '',
    side: data.position === 'left' ? 'left' : 'right',
    fields: readFields(data.form ?? ''),
    token: data.token ?? '',
    tokenUrl: data.tokenUrl ?? '',
    line: data.line ?? '',
    opened: data.open === 'true',
  }
}
