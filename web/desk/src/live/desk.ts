// What the desk knows, PURE: the engine's notices folded into one state. The law of it (see desk.test.ts): an old
// snapshot and the notices since are the same as a fresh snapshot.
import type { AgentState, Offer, Work } from '../api/types'

export interface Snapshot {
  agent_id: string
  state: AgentState
  works: Work[]
  offers: Offer[]
  /** Questions to others that go on about what I have. */
  consults: Work[]
}

export type Notice =
  | { event: 'hello'; data: Snapshot }
  | { event: 'state'; data: AgentState }
  | { event: 'work'; data: Work }
  | { event: 'offer'; data: { offer: Offer; work: Work } }
  | { event: 'offer_over'; data: { offer_id: string; work_id: string; reason: string } }
  | { event: 'message'; data: { contact_id: string; message_id: string; text: string; at: string } }
  | { event: 'message_status'; data: { contact_id: string; message_ids: string[]; status: string } }
  | { event: 'typing'; data: { contact_id: string } }
  | { event: 'trouble'; data: { work_id?: string; reason?: string } }
  | { event: 'handed_back'; data: { work_id: string } }
  | { event: 'consult_joined'; data: { work_id: string; consult_id: string; agent_id: string } }
  | { event: 'consult_over'; data: { work_id: string; consult_id: string } }
  | { event: 'pong'; data: object }
  | { event: 'going_away'; data: object }

export type Numbered = Notice & { n: number }

export interface DeskState {
  /** A snapshot has come. */
  known: boolean
  agentId: string
  state: AgentState | null
  works: Record<string, Work>
  /** Offers that are open, by work. */
  offers: Record<string, Offer>
  /** Questions to others about my works, as they stand, by their own ids. */
  consults: Record<string, Work>
  /** The version of works that have left: what is no newer is over. */
  gone: Record<string, number>
  /** The number that the next notice must have. */
  next: number
  /** Something was missed; a snapshot is needed. */
  behind: boolean
}

export const NOTHING: DeskState = {
  known: false,
  agentId: '',
  state: null,
  works: {},
  offers: {},
  consults: {},
  gone: {},
  next: 0,
  behind: false,
}

/** A new connection: its notices count from 0, and what is known stays until its snapshot comes. */
export function connected(desk: DeskState): DeskState {
  return { ...desk, next: 0, behind: false }
}

export function take(desk: DeskState, notice: Numbered): DeskState {
  const behind = notice.event !== 'hello' && (desk.behind || notice.n !== desk.next)
  return { ...fold(desk, notice), next: notice.n + 1, behind }
}

/** Without the numbers: also for what the API answers to the desk's own requests. */
export function fold(desk: DeskState, notice: Notice): DeskState {
  switch (notice.event) {
    case 'hello':
      return begin(desk, notice.data)
    case 'state':
      return notice.data.version < (desk.state?.version ?? -1) || notice.data.id !== desk.agentId
        ? desk
        : { ...desk, state: notice.data }
    case 'work':
      return seeWork(desk, notice.data)
    case 'offer':
      return seeOffer(seeWork(desk, notice.data.work), notice.data.offer)
    case 'offer_over':
      return endOffer(desk, notice.data.offer_id, notice.data.work_id)
    default:
      return desk
  }
}

function begin(desk: DeskState, snapshot: Snapshot): DeskState {
  const works: Record<string, Work> = {}
  const gone = { ...desk.gone }
  for (const work of snapshot.works) {
    works[work.id] = work
    delete gone[work.id]
  }
  const consults: Record<string, Work> = {}
  for (const consult of snapshot.consults) {
    consults[consult.id] = consult
    delete gone[consult.id]
  }
  for (const known of [...Object.values(desk.works), ...Object.values(desk.consults)]) {
    if (!(known.id in works) && !(known.id in consults)) gone[known.id] = Math.max(gone[known.id] ?? -1, known.version)
  }
  const offers: Record<string, Offer> = {}
  for (const offer of snapshot.offers) offers[offer.work_id] = offer
  return {
    ...desk,
    known: true,
    agentId: snapshot.agent_id,
    state: snapshot.state,
    works,
    offers,
    consults,
    gone,
  }
}

function seeWork(desk: DeskState, work: Work): DeskState {
  const known = desk.works[work.id] ?? desk.consults[work.id]
  if (known ? work.version < known.version : work.version <= (desk.gone[work.id] ?? -1)) return desk
  if (work.agent_id === desk.agentId && work.state !== 'done') {
    const gone = { ...desk.gone }
    delete gone[work.id]
    const offers = work.state === 'offered' ? desk.offers : without(desk.offers, work.id)
    const consults = without(desk.consults, work.id)
    return { ...desk, works: { ...desk.works, [work.id]: work }, gone, offers, consults }
  }
  const left = { ...desk, works: without(desk.works, work.id), offers: without(desk.offers, work.id) }
  if (work.for_work && work.for_work in desk.works && work.state !== 'done') {
    return { ...left, consults: { ...desk.consults, [work.id]: work } }
  }
  const consults = Object.fromEntries(
    Object.entries(desk.consults).filter(([id, each]) => id !== work.id && each.for_work !== work.id),
  )
  return { ...left, consults, gone: { ...desk.gone, [work.id]: work.version } }
}

function seeOffer(desk: DeskState, offer: Offer): DeskState {
  const work = desk.works[offer.work_id]
  if (offer.state !== 'pending' || work?.state !== 'offered' || work.offer_id !== offer.id) return desk
  return { ...desk, offers: { ...desk.offers, [offer.work_id]: offer } }
}

function endOffer(desk: DeskState, offerId: string, workId: string): DeskState {
  return desk.offers[workId]?.id === offerId ? { ...desk, offers: without(desk.offers, workId) } : desk
}

function without<T>(all: Record<string, T>, id: string): Record<string, T> {
  if (!(id in all)) return all
  const rest = { ...all }
  delete rest[id]
  return rest
}

/** What is to be seen of it: equal for equal knowledge, whatever way it came. */
export function view(desk: DeskState): Snapshot | null {
  if (!desk.known || desk.state === null) return null
  const byId = <T extends { id: string }>(all: Record<string, T>) =>
    Object.values(all).sort((a, b) => (a.id < b.id ? -1 : 1))
  return { agent_id: desk.agentId, state: desk.state, works: byId(desk.works), offers: byId(desk.offers), consults: byId(desk.consults) }
}
