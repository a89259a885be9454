// One contact of the log: its facts, timeline, conversation, recordings with what was said, way through the flow, and the why.
import './contacts.css'
import { Group, Stack, Tabs, Text, Title } from '@mantine/core'
import { lazy, type ReactNode, Suspense } from 'react'
import { useAsked } from '../api/asked'
import { ask } from '../api/client'
import type { ContactDetail, Timeline } from '../api/types'
import { useAgentName, useCalled, useContact, useCustomer, useMessages, useQueueTitle, useStranger, useTimeline } from '../known'
import { Facts, Nothing, Shown, Tags, To, useDates, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { go, useQuery } from '../router'
import { may } from '../session'
import { clockOf } from '../time'
import { languageName, useLanguage, useWords } from '../words'
import { FromBot } from '../work/screen-pop'
import { Messages } from '../work/thread'
import { NoteBox } from '../work/work-view'
import { TimelineList, WhyList } from './timeline'

const Hearing = lazy(() => import('./hearing'))
const Way = lazy(() => import('./way'))

const WRITTEN = ['sms', 'whatsapp', 'web', 'console_chat']

export default function ContactPage({ contactId }: { contactId: string }) {
  return (
    <div className="page">
      <Shown of={useContact(contactId)}>{(contact) => <Detail contact={contact} />}</Shown>
    </div>
  )
}

function Detail({ contact }: { contact: ContactDetail }) {
  const t = useWords()
  const stranger = useStranger()
  const query = useQuery()
  const customer = useCustomer(contact.customer_id).data
  const written = WRITTEN.includes(contact.channel)
  const tabs = [
    'timeline',
    ...(written ? ['conversation'] : []),
    ...(!written || contact.recordings.length > 0 ? ['hear'] : []),
    'way',
    'why',
  ]
  const asked = query.get('tab') ?? ''
  const words = query.get('words') ?? ''
  const usual = written ? 'conversation' : contact.recordings.length > 0 || words ? 'hear' : 'timeline'
  const open = (tab: string | null) => {
    const next = new URLSearchParams(query)
    if (tab) next.set('tab', tab)
    go(`/contacts/${contact.id}?${next}`, true)
  }
  const panel = (name: string, shown: ReactNode) => (
    <Tabs.Panel value={name} pt="sm">
      <Suspense fallback={null}>{shown}</Suspense>
    </Tabs.Panel>
  )
  return (
    <Stack>
      <Group gap="sm">
        <Icon name={kindIcon(contact.channel)} size={24} />
        <Title order={2} size="h3" style={{ overflowWrap: 'anywhere' }}>
          {customer ? <To to={`/customers/${customer.id}`}>{customer.name || stranger(contact)}</To> : stranger(contact)}
        </Title>
        <Word code={contact.state} />
        {contact.outcome && <Word code={contact.outcome} />}
        <Tags of={contact.tags} />
      </Group>
      <div className="contact-grid">
        <Stack gap="md">
          <ContactFacts contact={contact} />
          {contact.tickets.length > 0 && (
            <Stack gap={4} component="section" aria-label={t('tickets')}>
              <Text fw={600} size="sm">
                {t('tickets')}
              </Text>
              {contact.tickets.map((number) => (
                <TicketLine key={number} number={number} />
              ))}
            </Stack>
          )}
          {contact.handoff && <FromBot handoff={contact.handoff} />}
          {contact.surveys.map((survey) => (
            <Text size="sm" key={survey.at}>
              <Icon name="star" size={14} /> {survey.score}/5 {survey.comment}
            </Text>
          ))}
        </Stack>
        <Tabs value={tabs.includes(asked) ? asked : usual} onChange={open} keepMounted={false} className="contact-tabs">
          <Tabs.List>
            {tabs.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {t(TITLES[name as keyof typeof TITLES])}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {panel('timeline', <TimelineList contactId={contact.id} words={words} />)}
          {panel('conversation', <Conversation contactId={contact.id} />)}
          {panel('hear', <Hearing contact={contact} words={words} />)}
          {panel('way', <Way contact={contact} />)}
          {panel('why', <WhyList contactId={contact.id} />)}
        </Tabs>
      </div>
      {may('agent') && <NoteBox contactId={contact.id} />}
    </Stack>
  )
}

const TITLES = { timeline: 'timeline', conversation: 'conversation', hear: 'hear_tab', way: 'way_tab', why: 'why' } as const

function ContactFacts({ contact }: { contact: ContactDetail }) {
  const t = useWords()
  const word = useWord()
  const language = useLanguage()
  const dates = useDates()
  const nameOf = useAgentName()
  const queueTitle = useQueueTitle()
  const called = useCalled()
  const stranger = useStranger()
  const timeline = useTimeline(contact.id).data
  const between = (from: string | null, to: string | null) => (from && to ? clockOf(Date.parse(to) - Date.parse(from)) : '')
  const queues = namedIn(timeline, ['queued', 'moved'], ['queue', 'to'])
  const agents = namedIn(timeline, ['offer_accepted', 'taken', 'connected'], ['agent_id'])
  return (
    <Facts
      facts={[
        [t('channel'), word(contact.channel)],
        [t('from'), contact.direction === 'inbound' ? stranger(contact) : contact.from_address],
        [t('to'), contact.direction === 'inbound' ? contact.to_address : stranger(contact)],
        [t('began'), dates.exact(contact.started_at)],
        [t('log_queued_at'), contact.queued_at ? dates.exact(contact.queued_at) : ''],
        [t('log_waited'), between(contact.queued_at, contact.connected_at)],
        [t('log_ended_at'), contact.ended_at ? dates.exact(contact.ended_at) : ''],
        [t('lasted'), between(contact.started_at, contact.ended_at)],
        [t('queue'), (queues.length > 0 ? queues : [contact.queue ?? '']).map(queueTitle).join(' → ')],
        [t('agent'), (agents.length > 0 ? agents : [contact.agent_id ?? '']).map(nameOf).join(', ')],
        [t('outcome'), word(contact.outcome)],
        [t('end_reason'), word(contact.end_reason)],
        [t('reason'), contact.handoff ? '' : called(contact.reason)],
        [t('language'), languageName(contact.language, language)],
        [t('flow'), called(contact.flow)],
      ]}
    />
  )
}

/** The values of these fields in the journal, each once, in order. */
function namedIn(timeline: Timeline | undefined, kinds: string[], fields: string[]): string[] {
  const named = (timeline?.entries ?? [])
    .filter((entry) => kinds.includes(entry.kind))
    .flatMap((entry) => fields.map((field) => (entry.data as Record<string, unknown>)[field]))
    .filter((value): value is string => typeof value === 'string' && value !== '')
  return [...new Set(named)]
}

function TicketLine({ number }: { number: string }) {
  const called = useCalled()
  const ticket = useAsked(`ticket ${number}`, () => ask('get', '/tickets/{ticket}', { path: { ticket: number } })).data
  return (
    <Group gap={6} wrap="nowrap" align="start">
      <To to={`/tickets/${number}`} size="sm">
        {number}
      </To>
      {ticket && (
        <>
          <Text size="sm" className="grow" style={{ overflowWrap: 'anywhere' }}>
            {called(ticket.subject)}
          </Text>
          <Word code={ticket.status} />
        </>
      )}
    </Group>
  )
}

function Conversation({ contactId }: { contactId: string }) {
  const t = useWords()
  return (
    <Shown of={useMessages(contactId)}>
      {(messages) => (messages.length === 0 ? <Nothing icon="chat">{t('no_messages')}</Nothing> : <Messages messages={messages} />)}
    </Shown>
  )
}
