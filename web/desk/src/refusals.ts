// What the engine refuses, in the words of the desk: its known sentences in both languages, else what the code says. The API
// answers English for programmers; people at desks neither read it where theirs is Chinese, nor use a command line.
import type { Refusal } from './api/client'
import known from './refusals.json'
import { isKey, type Language, say } from './words'

interface Sentence {
  /** As the engine says it, with `{}` for what differs each time. */
  says: string
  zh: string
  /** Where the engine's own English is not for desks. */
  en?: string
}

const SENTENCES: (Sentence & { pattern: RegExp })[] = (known as Sentence[])
  .map((sentence) => ({ ...sentence, pattern: patternOf(sentence.says) }))
  .sort((a, b) => b.says.length - a.says.length)

function patternOf(says: string): RegExp {
  const parts = says.split('{}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('(.*?)')}\\.?$`, 'is')
}

/** Codes whose own words say more to an agent than the engine's sentence, in every language. */
const BY_CODE = ['bad_request', 'conflict', 'method_not_allowed', 'not_found', 'stale', 'store_down', 'too_large', 'too_many', 'unauthenticated', 'version_needed', 'wrong_type']

type Told = Pick<Refusal, 'code' | 'message'>

export function refusalIn(language: Language, { code, message }: Told): string {
  const sentence = SENTENCES.find(({ pattern }) => pattern.test(message))
  if (sentence) {
    const values = sentence.pattern.exec(message)?.slice(1) ?? []
    const text = language === 'zh' ? sentence.zh : (sentence.en ?? message)
    return text.replace(/\{(\d)\}/g, (_, number: string) => valueIn(language, values[Number(number) - 1] ?? ''))
  }
  const key = `refused_${code}`
  const general = say(language, isKey(key) ? key : 'unexpected')
  if (BY_CODE.includes(code) || !message) return general
  if (language === 'en' && code !== 'unexpected') return message
  return general + say(language, 'in_brackets', { text: message })
}

/** A state, a presence or a role stands in a sentence as it is called; a number as it is. */
function valueIn(language: Language, value: string): string {
  const key = `w_${value.replaceAll(' ', '_')}`
  return isKey(key) ? say(language, key) : value
}
