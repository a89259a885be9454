// How people call what the company has named: reasons, intents, skills, tags, flows and their nodes. Names are ids in the
// database, in flows and in the API; the desk's setup has their titles. As `contact_center.titles` on the server.

export type Titles = Record<string, Record<string, string>>

/** Stands in a name for what differs each time: `order {}`. */
const PLACE = '{}'

/** How a bot begins what it hands on: intents, then what is known. */
const FROM_BOT = /^wanted: ([^;]*);/

type Pattern = [RegExp, Record<string, string>]
const patterns = new WeakMap<Titles, Pattern[]>()

function patternsOf(titles: Titles): Pattern[] {
  const known = patterns.get(titles)
  if (known) return known
  const made = Object.keys(titles)
    .filter((name) => name.includes(PLACE))
    .sort((a, b) => b.length - a.length)
    .map((name): Pattern => {
      const parts = name.split(PLACE).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      return [new RegExp(`^${parts.join('(.+?)')}$`, 's'), titles[name] ?? {}]
    })
  patterns.set(titles, made)
  return made
}

/** A title by language in the desk's own, else that for all, the English one, any. */
export function titleIn(title: Record<string, string>, language: string): string {
  const near = Object.keys(title).find((tag) => tag.split('-')[0] === language) ?? ''
  return title[language] ?? title[near] ?? title['en'] ?? Object.values(title)[0] ?? ''
}

function found(titles: Titles, language: string, name: string): string {
  const title = Object.hasOwn(titles, name) ? titles[name] : undefined
  if (title) return titleIn(title, language)
  for (const [pattern, text] of patternsOf(titles)) {
    const values = pattern.exec(name)?.slice(1)
    if (values) return values.reduce((told, value) => told.replace(PLACE, () => value.replaceAll(PLACE, '')), titleIn(text, language))
  }
  return ''
}

/** A name as it is called in `en` or `zh`; of what a bot hands on, only what was wanted; without a title as it is. */
export function calledIn(titles: Titles, language: string, name: string): string {
  const wanted = FROM_BOT.exec(name)?.[1]
  if (wanted === undefined) return found(titles, language, name) || name
  return wanted
    .split(', ')
    .map((one) => found(titles, language, one) || one.replaceAll('_', ' '))
    .join(language === 'zh' ? '，' : ', ')
}

/** The mark by which people tell anonymous visitors apart: always the same of one visitor. */
export function markOf(visitorId: string): string {
  return visitorId.slice(-4).toUpperCase()
}
