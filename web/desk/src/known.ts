// What many components ask of the API, under one name each.
import { useCallback } from 'react'
import { ask } from './api/client'
import { type Asked, useAsked } from './api/asked'
import type { Agent, AgentState, ContactDetail, CustomerDetail, DeskSetup, Message, Queue, Timeline, Work } from './api/types'
import { calledIn, markOf, titleIn, type Titles } from './names'
import { useLanguage, useWords } from './words'

const SLOW = 5 * 60_000

export function useAgents(): Asked<Agent[]> {
  return useAsked('agents', async () => (await ask('get', '/agents', { query: { active: true } })).items, { every: SLOW })
}

/** The name of an agent, for ids in works and messages. */
export function useAgentName(): (id: string | null | undefined) => string {
  const { data } = useAgents()
  return (id) => (id ? (data?.find((agent) => agent.id === id)?.name ?? id) : '')
}

export function useQueues(): Asked<Queue[]> {
  return useAsked('queues', async () => (await ask('get', '/queues')).items, { every: SLOW })
}

/** The title of a queue in the desk's language. */
export function useQueueTitle(): (name: string | null | undefined) => string {
  const { data } = useQueues()
  const language = useLanguage()
  return (name) => {
    const title = data?.find((queue) => queue.name === name)?.title
    return (title && titleIn(title, language)) || (name ?? '')
  }
}

export function useStates(every?: number): Asked<AgentState[]> {
  return useAsked('states', async () => (await ask('get', '/states')).items, { on: ['states'], ...(every ? { every } : {}) })
}

export function useContact(id: string | null | undefined): Asked<ContactDetail> {
  const language = useLanguage()
  return useAsked(
    id ? `contact ${id} ${language}` : null,
    () => ask('get', '/contacts/{contact_id}', { path: { contact_id: id! }, query: { language } }),
    { on: id ? [`contact:${id}`] : [] },
  )
}

export function useCustomer(id: string | null | undefined): Asked<CustomerDetail> {
  return useAsked(
    id ? `customer ${id}` : null,
    () => ask('get', '/customers/{customer_id}', { path: { customer_id: id! } }),
    { on: id ? [`customer:${id}`] : [] },
  )
}

export function useMessages(contactId: string | null | undefined): Asked<Message[]> {
  return useAsked(
    contactId ? `messages ${contactId}` : null,
    async () => (await ask('get', '/contacts/{contact_id}/messages', { path: { contact_id: contactId! } })).items,
    { on: contactId ? [`contact:${contactId}`] : [], every: 20_000 },
  )
}

export function useTimeline(contactId: string | null | undefined): Asked<Timeline> {
  const language = useLanguage()
  return useAsked(
    contactId ? `timeline ${contactId} ${language}` : null,
    () =>
      ask('get', '/contacts/{contact_id}/timeline', { path: { contact_id: contactId! }, query: { language } }),
    { on: contactId ? [`contact:${contactId}`] : [] },
  )
}

export function useWhy(contactId: string | null | undefined) {
  const language = useLanguage()
  return useAsked(
    contactId ? `why ${contactId} ${language}` : null,
    () => ask('get', '/contacts/{contact_id}/why', { path: { contact_id: contactId! }, query: { language } }),
    { on: contactId ? [`contact:${contactId}`] : [] },
  )
}

export function useWorks(every?: number): Asked<Work[]> {
  return useAsked('works', async () => (await ask('get', '/works')).items, { on: ['works'], ...(every ? { every } : {}) })
}

interface Ends {
  channel: string
  direction: string
  from_address: string
  to_address: string
}

const VISITOR = 'vis_'

function endOf(contact: Ends): string {
  return contact.direction === 'inbound' ? contact.from_address : contact.to_address
}

/** The customer's end of a contact. */
export function addressOf(contact: Ends): string {
  const address = endOf(contact)
  return address.startsWith(VISITOR) ? '' : address // our own id of a visitor says nothing to people
}

/** Whom a contact is with, where no name is known: the address, or a visitor's mark. */
export function useStranger(): (contact: Ends) => string {
  const t = useWords()
  return (contact) => {
    const address = endOf(contact)
    if (address.startsWith(VISITOR)) return t('visitor_marked', { mark: markOf(address) })
    return address || t(contact.channel === 'web' ? 'visitor' : 'withheld')
  }
}

/** What people call whom a piece of work is about; it came with the work. */
export function nameOf(work: Work): string {
  return work.who?.name || work.who?.address || ''
}

/** The same of anybody: an anonymous visitor of the web site by their mark, and '' where nothing at all is known. */
export function usePerson(work: Work): string {
  const stranger = useStranger()
  const name = nameOf(work)
  const contact = useContact(!name && work.who?.channel === 'web' ? work.contact_id : null).data
  return name || (contact?.channel === 'web' ? stranger(contact) : contact ? addressOf(contact) : '')
}

/** Who a piece of work is about, with everything that is known of them: for where more than the name is shown. */
export function useWho(work: Work): { name: string; contact: ContactDetail | undefined; customer: CustomerDetail | undefined } {
  const contact = useContact(work.contact_id).data
  const customer = useCustomer(work.who?.customer_id ?? contact?.customer_id).data
  const stranger = useStranger()
  return { name: nameOf(work) || customer?.name || (contact ? stranger(contact) : ''), contact, customer }
}

/** What the desk needs when it begins: lists to choose from, replies, what files may be sent. */
export function useSetup(): Asked<DeskSetup> {
  return useAsked('setup', () => ask('get', '/desk-setup'), { on: ['setup'], every: SLOW })
}

const NONE: Titles = {}

/** How a reason, an intent, a skill, a tag or a flow is called in the desk's language. */
export function useCalled(): (name: string) => string {
  const titles = useSetup().data?.names ?? NONE
  const language = useLanguage()
  return useCallback((name) => calledIn(titles, language, name), [titles, language])
}
