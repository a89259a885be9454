// What an agent does, as one function each: a request to the API, and what it answered known at once.
import { ask, type Given, type PathOf } from './api/client'
import { touch } from './api/asked'
import type { Presence, Work } from './api/types'
import { learn } from './live/store'

async function onWork<P extends PathOf<'post'>>(path: P, given: object): Promise<Work> {
  const work = (await ask('post', path, given as Given<never>)) as Work
  learn({ event: 'work', data: work })
  return work
}

export const accept = (offerId: string) =>
  onWork('/offers/{offer_id}/accept', { path: { offer_id: offerId }, body: {} })

export const decline = (offerId: string, reason = '') =>
  onWork('/offers/{offer_id}/decline', { path: { offer_id: offerId }, body: { reason } })

const of = (workId: string) => ({ work_id: workId })

export const takeWork = (workId: string) => onWork('/works/{work_id}/take', { path: of(workId), body: {} })
export const hold = (workId: string, on: boolean) => onWork('/works/{work_id}/hold', { path: of(workId), body: { on } })
export const mute = (workId: string, on: boolean) => onWork('/works/{work_id}/mute', { path: of(workId), body: { on } })
export const record = (workId: string, what: 'start' | 'pause' | 'resume' | 'stop') =>
  onWork('/works/{work_id}/record', { path: of(workId), body: { what } })
export const endWork = (workId: string) => onWork('/works/{work_id}/end', { path: of(workId) })
export const requeue = (workId: string, reason: string) =>
  onWork('/works/{work_id}/requeue', { path: of(workId), body: { reason } })
export const handBack = (workId: string, note: string) =>
  onWork('/works/{work_id}/hand-back', { path: of(workId), body: { note } })

export interface Target {
  queue?: string
  agent_id?: string
  number?: string
}

export const transfer = (workId: string, to: Target) =>
  onWork('/works/{work_id}/transfer', { path: of(workId), body: to })
export const consult = (workId: string, to: Target) =>
  onWork('/works/{work_id}/consult', { path: of(workId), body: to })
export const endConsult = (workId: string, how: 'cancel' | 'join' | 'complete') =>
  onWork(`/works/{work_id}/consult/${how}`, { path: of(workId) })
export const wrapUp = (workId: string, disposition: string, note: string) =>
  onWork('/works/{work_id}/wrap-up', { path: of(workId), body: { disposition, note } })

export async function reassign(workId: string, to: Target): Promise<void> {
  await onWork('/works/{work_id}/reassign', { path: of(workId), body: to })
  touch('works')
}

export async function supervise(workId: string, mode: 'listen' | 'whisper' | 'barge'): Promise<void> {
  await ask('post', '/works/{work_id}/supervise', { path: of(workId), body: { mode } })
}

/** A new try of the same message has the same key: it is sent once, however often the network breaks. */
export async function sendMessage(contactId: string, text: string, once: string, files: string[] = []): Promise<void> {
  await ask('post', '/contacts/{contact_id}/messages', { path: { contact_id: contactId }, body: { text, files }, once })
  touch(`contact:${contactId}`)
}

export async function noteContact(contactId: string, text: string): Promise<void> {
  await ask('post', '/contacts/{contact_id}/notes', { path: { contact_id: contactId }, body: { text } })
  touch(`contact:${contactId}`)
}

export async function setPresence(agentId: string, presence: Presence, reason = '', overtime = false): Promise<void> {
  const state = await ask('put', '/agents/{agent_id}/presence', {
    path: { agent_id: agentId },
    body: { presence, reason, overtime },
  })
  learn({ event: 'state', data: state })
  touch('states')
}
