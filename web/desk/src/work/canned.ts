// Canned replies with variables: the company's, and those that an agent keeps on the server.
import { ask } from '../api/client'
import { touch } from '../api/asked'
import type { DeskSetup, OwnReply } from '../api/types'
import type { Language } from '../words'

export interface Reply {
  name: string
  text: string
  /** Set on an agent's own. */
  own?: OwnReply
}

export type Values = Record<'name' | 'agent' | 'order' | 'ticket' | 'company', string>

/** Variables filled in; one that is not known goes, with the space or the comma before it. */
export function fill(text: string, values: Partial<Values>): string {
  return text
    .replace(/[ ,，]* ?\{(\w+)\}/g, (found, name: string) => {
      const value = values[name as keyof Values]
      return value ? found.replace(`{${name}}`, () => value) : ''
    })
    .replace(/^[，,、\s]+/, '')
}

/** The other way round: what is known becomes a variable again. */
export function unfill(text: string, values: Partial<Values>): string {
  let found = text
  for (const [name, value] of Object.entries(values)) {
    if (value && value.length > 1) found = found.replaceAll(value, `{${name}}`)
  }
  return found
}

const inQueue = (queues: string[], queue: string) => queues.length === 0 || queues.includes(queue)
const speaks = (language: string, wanted: Language) => language === '' || language.startsWith(wanted)

/** The replies for a queue in a language: an agent's own first, which stand before the company's of the same name. */
export function repliesFor(setup: DeskSetup | undefined, queue: string, language: Language): Reply[] {
  if (!setup) return []
  const own = setup.own_replies
    .filter((each) => speaks(each.language, language) && inQueue(each.queue ? [each.queue] : [], queue))
    .map((each): Reply => ({ name: each.name, text: each.text, own: each }))
  const names = new Set(own.map((each) => each.name))
  const shipped = setup.replies
    .filter((each) => inQueue(each.queues, queue) && !names.has(each.name))
    .map((each): Reply => ({ name: each.name, text: inLanguage(each.text, language) }))
    .filter((each) => each.text !== '')
  return [...own, ...shipped]
}

function inLanguage(texts: Record<string, string>, language: Language): string {
  const found = Object.keys(texts).find((each) => each.startsWith(language))
  return (found && texts[found]) ?? texts[''] ?? texts['en'] ?? ''
}

type Kept = Pick<OwnReply, 'name' | 'language' | 'queue' | 'text'>

export async function keepReply(reply: Kept, before?: OwnReply): Promise<void> {
  if (before) await ask('put', '/replies/{reply_id}', { path: { reply_id: before.id }, body: reply, version: before.version })
  else await ask('post', '/replies', { body: reply })
  touch('setup')
}

export async function dropReply(reply: OwnReply): Promise<void> {
  await ask('delete', '/replies/{reply_id}', { path: { reply_id: reply.id } })
  touch('setup')
}
