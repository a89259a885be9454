// What to look for in the log, as the form has it and as the address has it: a search is sent as a link, and means the same
// instants wherever it is opened.

export const FIELDS = [
  'words',
  'address',
  'since',
  'until',
  'customer',
  'channel',
  'direction',
  'queue',
  'agent',
  'state',
  'outcome',
  'path',
  'flow',
  'tag',
  'ticket',
] as const
export type Field = (typeof FIELDS)[number]
export type Filters = Partial<Record<Field, string>>

/** Those of `FIELDS` that are instants: `2026-03-02T09:30:00.000Z` in the address. */
const INSTANTS: readonly Field[] = ['since', 'until']

/** From an address; what is no filter, empty, too long or no instant is left out. */
export function filtersIn(query: URLSearchParams): Filters {
  const found: Filters = {}
  for (const field of FIELDS) {
    const value = (query.get(field) ?? '').trim().slice(0, 200)
    if (value && (!INSTANTS.includes(field) || !Number.isNaN(Date.parse(value)))) found[field] = value
  }
  return found
}

/** Into an address, and into a query of the API: always in the same order. */
export function queryOf(filters: Filters): Record<string, string> {
  return Object.fromEntries(FIELDS.flatMap((field) => (filters[field]?.trim() ? [[field, filters[field].trim()]] : [])))
}

export function addressOf(filters: Filters, cursor = ''): string {
  const query = new URLSearchParams(queryOf(filters))
  if (cursor) query.set('cursor', cursor)
  const text = query.toString()
  return text ? `/log?${text}` : '/log'
}

export function count(filters: Filters): number {
  return Object.keys(queryOf(filters)).length
}

/** An instant as a field for date and time shows it, in this browser's zone; '' for none. */
export function localOf(instant: string | undefined): string {
  if (!instant) return ''
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return ''
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

export function instantOf(local: string): string {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString()
}
