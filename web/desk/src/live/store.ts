// The one store of what is live: the folded state, the connection, and who wants to hear of notices.
import { useSyncExternalStore } from 'react'
import type { Work } from '../api/types'
import { touch } from '../api/asked'
import { ended } from '../session'
import { connected, type DeskState, fold, NOTHING, type Notice, take } from './desk'
import { DeskSocket, type Link } from './socket'

export interface Live {
  desk: DeskState
  link: Link
  /** When the connection was lost. */
  lostAt: number | null
  /** Messages of customers not looked at yet, by contact. */
  unread: Record<string, number>
  /** When a customer was last seen typing (ms), by contact. */
  typing: Record<string, number>
}

type Listener = (notice: Notice, before: DeskState, after: DeskState) => void

const EMPTY: Live = { desk: NOTHING, link: 'connecting', lostAt: null, unread: {}, typing: {} }
let live: Live = EMPTY
let socket: DeskSocket | null = null
const watching = new Set<() => void>()
const listeners = new Set<Listener>()

function become(next: Partial<Live>): void {
  live = { ...live, ...next }
  for (const each of watching) each()
}

export function useLive(): Live {
  return useSyncExternalStore(
    (each) => {
      watching.add(each)
      return () => watching.delete(each)
    },
    () => live,
  )
}

export function liveNow(): Live {
  return live
}

/** Hear every notice, after it was folded in. */
export function onNotice(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function startLive(): void {
  live = EMPTY
  socket = new DeskSocket({
    link: (link) => {
      if (link !== live.link) become({ link, lostAt: link === 'lost' ? (live.lostAt ?? Date.now()) : null })
    },
    opened: () => become({ desk: connected(live.desk) }),
    shutOut: ended,
    notice: (notice) => {
      const before = live.desk
      const after = take(before, notice)
      if (after.behind && !before.behind) socket?.snapshot()
      heard(notice, before, after)
    },
  })
  socket.open()
}

export function stopLive(): void {
  socket?.close()
  socket = null
  live = EMPTY
}

/** What the API answered to a request of the desk's: known at once, its notice may come later. */
export function learn(notice: Extract<Notice, { event: 'work' | 'state' }>): void {
  const before = live.desk
  heard(notice, before, fold(before, notice))
}

function heard(notice: Notice, before: DeskState, after: DeskState): void {
  const unread = notice.event === 'message' ? moreUnread(notice.data.contact_id) : live.unread
  become({ desk: after, unread, typing: typingAfter(notice) })
  for (const topic of topicsOf(notice)) touch(topic)
  for (const listener of listeners) listener(notice, before, after)
}

/** Who types, and no more once the words have come. */
function typingAfter(notice: Notice): Record<string, number> {
  if (notice.event === 'typing') return { ...live.typing, [notice.data.contact_id]: Date.now() }
  if (notice.event !== 'message' || !(notice.data.contact_id in live.typing)) return live.typing
  const typing = { ...live.typing }
  delete typing[notice.data.contact_id]
  return typing
}

function moreUnread(contactId: string): Record<string, number> {
  return { ...live.unread, [contactId]: (live.unread[contactId] ?? 0) + 1 }
}

export function markRead(contactId: string): void {
  if (!live.unread[contactId]) return
  const unread = { ...live.unread }
  delete unread[contactId]
  become({ unread })
}

/** Which pieces of what was asked of the API are old now. */
function topicsOf(notice: Notice): string[] {
  switch (notice.event) {
    case 'hello':
      return ['*']
    case 'work':
      return topicsOfWork(notice.data)
    case 'offer':
      return topicsOfWork(notice.data.work)
    case 'message':
    case 'message_status':
      return [`contact:${notice.data.contact_id}`]
    case 'consult_joined':
    case 'consult_over':
    case 'handed_back':
      return [`work:${notice.data.work_id}`]
    default:
      return []
  }
}

function topicsOfWork(work: Work): string[] {
  return [`work:${work.id}`, work.contact_id && `contact:${work.contact_id}`, work.ticket_id && 'tickets'].filter(
    (topic): topic is string => Boolean(topic),
  )
}

/** My work, oldest first by when it came to me; what is offered is not mine yet. */
export function mine(desk: DeskState): Work[] {
  return Object.values(desk.works)
    .filter((work) => work.state !== 'offered')
    .sort((a, b) => (a.accepted_at ?? a.queued_at).localeCompare(b.accepted_at ?? b.queued_at))
}
