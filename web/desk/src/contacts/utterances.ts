// What was said in a contact, by whom and when, from its journal; and where in a recording that is.
import type { ContactDetail, Timeline } from '../api/types'

export type Recording = ContactDetail['recordings'][number]

export interface Utterance {
  seq: number
  /** Milliseconds, as `Date.now`. */
  at: number
  /** Seconds into the contact. */
  offset: number
  who: 'customer' | 'agent' | 'flow' | 'event'
  text: string
  /** The customer pressed this. */
  keys?: boolean
}

/** What happened around the words, told as the timeline tells it. */
const EVENTS = ['queued', 'connected', 'held', 'transferred', 'requeued', 'supervised', 'wrap_up', 'contact_ended']

export function utterancesOf({ entries, lines }: Timeline): Utterance[] {
  const began = entries[0] ? Date.parse(entries[0].at) : 0
  const told = new Map<number, string>()
  for (const line of lines) told.set(line.seq, told.has(line.seq) ? `${told.get(line.seq)} · ${line.text}` : line.text)
  return entries.flatMap((entry) => {
    const at = Date.parse(entry.at)
    const said = saidIn(entry.kind, entry.data as Record<string, unknown>, told.get(entry.seq) ?? '')
    return said && said.text.trim() ? [{ seq: entry.seq, at, offset: (at - began) / 1000, ...said }] : []
  })
}

type Said = Pick<Utterance, 'who' | 'text' | 'keys'>

function saidIn(kind: string, data: Record<string, unknown>, line: string): Said | null {
  const text = (name: string) => (typeof data[name] === 'string' ? data[name] : '')
  switch (kind) {
    case 'input':
      if (data['kind'] === 'keys') return { who: 'customer', text: text('digits'), keys: true }
      return { who: 'customer', text: data['kind'] === 'words' ? text('text') : data['kind'] === 'picked' ? text('value') : '' }
    case 'path': {
      const said = Array.isArray(data['said']) ? data['said'].filter((each) => typeof each === 'string') : []
      return { who: 'flow', text: said.join(' ') }
    }
    case 'transcript':
      return { who: data['track'] === 'agent' ? 'agent' : 'customer', text: text('text') }
    case 'voicemail':
      return { who: 'customer', text: text('text') }
    case 'recording':
      return ['paused', 'resumed'].includes(text('status')) ? { who: 'event', text: line } : null
  }
  return EVENTS.includes(kind) ? { who: 'event', text: line } : null
}

/** From when until when nothing was recorded, milliseconds as `Date.now`. */
export type Pause = readonly [from: number, to: number]

/** When a recording runs: milliseconds as `Date.now`, and its length in seconds. */
export interface Span {
  from: number
  to: number
  seconds: number
  /** What was left out of it, in order. */
  pauses: readonly Pause[]
  /** It was paused somewhere, and nobody noted when, so that places in it are only about right. */
  unsure: boolean
}

/** `ends`: when conversations and the contact ended (ms). A provider may tell of a recording only when it is complete,
    and may keep silence in it for what was left out. */
export function spanOf(recording: Recording, ends: readonly number[], noted: readonly Pause[] = []): Span {
  const { seconds } = recording
  const told = Date.parse(recording.started_at)
  const completed = recording.completed_at ? Date.parse(recording.completed_at) : told + seconds * 1000
  const onlyAfterwards = completed - told < (seconds - 1) * 1000
  const from = onlyAfterwards ? completed - seconds * 1000 : told
  const to = Math.min(completed, ...ends.filter((end) => end > from + 1000))
  const within = noted.flatMap(([began, ended]): Pause[] => {
    const part: Pause = [Math.max(began, from), Math.min(ended, to)]
    return part[1] > part[0] ? [part] : []
  })
  const missing = to - from - seconds * 1000
  const leftOut = Math.abs(missing - lengthOf(within)) < Math.abs(missing)
  const pauses = leftOut ? within : []
  const length = seconds * 1000 + lengthOf(pauses)
  return { from, to: Math.max(to, from + length), seconds, pauses, unsure: to - from > length + 3000 }
}

const lengthOf = (pauses: readonly Pause[]): number => pauses.reduce((sum, [from, to]) => sum + to - from, 0)

/** When recordings of the contact were paused; the last one perhaps to its end. */
export function pausesIn({ entries }: Timeline): Pause[] {
  const pauses: Pause[] = []
  let since: number | null = null
  for (const { kind, at, data } of entries) {
    const status = kind === 'recording' && (data as Record<string, unknown>)['status']
    if (status === 'paused') since ??= Date.parse(at)
    if (status === 'resumed' && since !== null) {
      pauses.push([since, Date.parse(at)])
      since = null
    }
  }
  return since === null ? pauses : [...pauses, [since, Infinity]]
}

export function endsIn({ entries }: Timeline): number[] {
  return entries.filter((entry) => ['wrap_up', 'contact_ended', 'transferred'].includes(entry.kind)).map((entry) => Date.parse(entry.at))
}

/** The second of the recording at which something was said; null where it does not run then (to a second). */
export function placeIn(span: Span, at: number): number | null {
  if (at < span.from - 1000 || at > span.to + 1000) return null
  if (span.pauses.some(([from, to]) => at > from + 1000 && at < to - 1000)) return null
  const before = lengthOf(span.pauses.map(([from, to]): Pause => [Math.min(from, at), Math.min(to, at)]))
  return Math.min(Math.max((at - span.from - before) / 1000, 0), span.seconds)
}

/** The moment (ms) that is heard at a second of the recording. */
export function momentIn(span: Span, seconds: number): number {
  return span.pauses.reduce((at, [from, to]) => (from <= at ? at + to - from : at), span.from + seconds * 1000)
}

/** Which of them is being said at a moment: the last that has begun; -1 before the first. */
export function currentAt(utterances: readonly Utterance[], at: number): number {
  let current = -1
  utterances.forEach((utterance, index) => {
    if (utterance.at <= at + 200) current = index
  })
  return current
}
