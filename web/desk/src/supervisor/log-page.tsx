// The log of all contacts: words in what was said, path, and filters, all in the address; what is found shows where, opens, and
// exports as CSV.
import '../contacts/contacts.css'
import { Alert, Button, Collapse, Group, Paper, Select, SimpleGrid, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks'
import { type FormEvent, useEffect, useState } from 'react'
import { useAsked, useDeed } from '../api/asked'
import { ask, type Schemas, send, urlOf } from '../api/client'
import type { Contact } from '../api/types'
import { Marked } from '../contacts/marked'
import { useAgentName, useAgents, useCalled, useCustomer, useQueues, useQueueTitle, useStranger } from '../known'
import { Nothing, Shown, Tags, To, useDates, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { go, hrefOf, useQuery } from '../router'
import { signature } from '../session'
import { clockOf } from '../time'
import { type Key, useWords } from '../words'
import { addressOf, count, type Field, type Filters, filtersIn, instantOf, localOf, queryOf } from './log-filters'

const CHANNELS = ['phone', 'sms', 'whatsapp', 'web', 'console', 'console_chat']
const STATES = ['in_flow', 'waiting', 'connected', 'ended']
const DIRECTIONS = ['inbound', 'outbound']
const OUTCOMES = ['answered', 'completed', 'voicemail', 'callback', 'abandoned', 'hung_up', 'no_answer', 'busy', 'canceled', 'failed']
/** Always in sight; the others fold away. */
const ALWAYS: Field[] = ['words', 'address', 'since', 'until']

/** Where one came from to a page of the log, by its cursor: the way back to newer ones. */
const cameFrom = new Map<string, string>()

export default function LogPage() {
  const t = useWords()
  const query = useQuery()
  const asked = filtersIn(query)
  const cursor = query.get('cursor') ?? ''
  const found = useAsked(`log ${JSON.stringify(queryOf(asked))} ${cursor}`, () =>
    ask('get', '/log', { query: { ...queryOf(asked), limit: 50, ...(cursor ? { cursor } : {}) } as never }),
  )
  const older = (next: string) => {
    cameFrom.set(next, cursor)
    go(addressOf(asked, next))
    document.getElementById('page')?.scrollIntoView()
  }
  return (
    <div className="page">
      <Form key={JSON.stringify(asked)} asked={asked} />
      <Shown of={found}>
        {(page) => (
          <>
            {page.unindexed > 0 && (
              <Alert color="orange" icon={<Icon name="alert" />} mb="sm" role="note">
                {t('log_unindexed', { count: page.unindexed })}
              </Alert>
            )}
            {page.items.length > 0 ? <Found page={page} words={asked.words ?? ''} /> : page.next_cursor ? <Nothing icon="log">{t('log_goes_on')}</Nothing> : <Nothing icon="log">{t('nothing_found')}</Nothing>}
            <Group justify="center" mt="md" component="nav" aria-label={t('log_pages')}>
              <Button variant="default" size="sm" disabled={!cursor} leftSection={<Icon name="left" />} onClick={() => go(addressOf(asked, cameFrom.get(cursor) ?? ''))}>
                {cursor && !cameFrom.has(cursor) ? t('log_newest') : t('newer')}
              </Button>
              <Button variant="default" size="sm" disabled={!page.next_cursor} rightSection={<Icon name="right" />} onClick={() => page.next_cursor && older(page.next_cursor)}>
                {t('older')}
              </Button>
            </Group>
          </>
        )}
      </Shown>
    </div>
  )
}

function Form({ asked }: { asked: Filters }) {
  const t = useWords()
  const word = useWord()
  const agents = useAgents().data ?? []
  const queues = useQueues().data ?? []
  const flows = useAsked('flows', async () => (await ask('get', '/flows')).items).data ?? []
  const queueTitle = useQueueTitle()
  const called = useCalled()
  const [filters, setFilters] = useState(asked)
  const folded = (Object.keys(asked) as Field[]).filter((field) => !ALWAYS.includes(field)).length
  const wide = useMediaQuery('(min-width: 48em)', undefined, { getInitialValueInEffect: false })
  const [chosen, setChosen] = useState<boolean | null>(null)
  const more = chosen ?? (folded > 0 || Boolean(wide))
  const [busy, run] = useDeed(tellRefusal)
  const set = (field: Field, value: string | null) => setFilters((old) => ({ ...old, [field]: value ?? '' }))
  const search = (event: FormEvent) => {
    event.preventDefault()
    go(addressOf(filters))
  }
  const text = (field: Field, label: string, description?: string) => (
    <TextInput label={label} placeholder={description} value={filters[field] ?? ''} maxLength={170} onChange={(event) => set(field, event.currentTarget.value)} />
  )
  const when = (field: 'since' | 'until', label: string) => (
    <TextInput label={label} type="datetime-local" value={localOf(filters[field])} onChange={(event) => set(field, instantOf(event.currentTarget.value))} />
  )
  const one = (field: Field, label: string, data: { value: string; label: string }[], searchable = false) => (
    <Select label={label} clearable searchable={searchable} data={known(data, filters[field])} value={filters[field] || null} onChange={(value) => set(field, value)} clearButtonProps={{ 'aria-label': `${t('clear')}: ${label}` }} />
  )
  const coded = (codes: string[]) => codes.map((code) => ({ value: code, label: word(code) }))
  return (
    <Paper withBorder p="md" mb="md">
      <form onSubmit={search} role="search">
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm">
          {text('words', t('words_said'), t('log_words_hint'))}
          {text('address', t('address'), '+8613800138000')}
          {when('since', t('since_when'))}
          {when('until', t('until_when'))}
        </SimpleGrid>
        <Collapse expanded={more}>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" mt="sm">
            <CustomerField value={filters.customer} choose={(id) => set('customer', id)} />
            {one('channel', t('channel'), coded(CHANNELS))}
            {one('queue', t('queue'), queues.map((each) => ({ value: each.name, label: queueTitle(each.name) })))}
            {one('agent', t('agent'), agents.map((each) => ({ value: each.id, label: each.name })), true)}
            {one('outcome', t('outcome'), coded(OUTCOMES))}
            {one('state', t('state'), coded(STATES))}
            {one('direction', t('log_direction'), coded(DIRECTIONS))}
            {one('flow', t('flow'), flows.map((each) => ({ value: each.name, label: called(each.name) })))}
            {text('path', t('path'), t('log_path_hint'))}
            {text('tag', t('tag'))}
            {text('ticket', t('ticket'))}
          </SimpleGrid>
        </Collapse>
        <Group justify="flex-end" mt="md" gap="sm">
          <Button variant="subtle" mr="auto" px="xs" aria-expanded={more} onClick={() => setChosen(!more)}>
            {more ? t('fewer_filters') : t('more_filters')}
            {!more && folded > 0 && ` (${folded})`}
          </Button>
          <Button variant="subtle" onClick={() => (setFilters({}), go('/log'))}>
            {t('clear')}
          </Button>
          <Button variant="default" leftSection={<Icon name="link" />} disabled={count(filters) === 0} onClick={() => void copyLink(filters, t)}>
            {t('log_link')}
          </Button>
          <Button variant="default" leftSection={<Icon name="download" />} loading={busy} onClick={() => void run(() => download(filters))}>
            CSV
          </Button>
          <Button type="submit" leftSection={<Icon name="search" />}>
            {t('search')}
          </Button>
        </Group>
      </form>
    </Paper>
  )
}

/** What is chosen is shown even where nobody knows it any more: an agent who has left, an outcome of a flow's own. */
function known(data: { value: string; label: string }[], value: string | undefined) {
  return value && !data.some((each) => each.value === value) ? [...data, { value, label: value }] : data
}

async function copyLink(filters: Filters, t: (key: Key) => string): Promise<void> {
  const link = location.origin + hrefOf(addressOf(filters))
  try {
    await navigator.clipboard.writeText(link)
    tell(t('log_link_copied'))
  } catch {
    // Without https there is no clipboard: the link is in the address bar after the search.
    go(addressOf(filters))
    tell(t('log_link_here'))
  }
}

/** A customer by name, number or e-mail; the filter is the id. */
function CustomerField({ value, choose }: { value: string | undefined; choose: (id: string | null) => void }) {
  const t = useWords()
  const chosen = useCustomer(value || null).data
  const [typed, setTyped] = useState('')
  const [text] = useDebouncedValue(typed.trim(), 250)
  const found = useAsked(text ? `customers ${text} ` : null, async () => (await ask('get', '/customers', { query: { text, limit: 20 } })).items).data ?? []
  const name = chosen?.name || value || ''
  useEffect(() => setTyped(name), [name])
  const data = [...found.map((each) => ({ value: each.id, label: each.name || each.id })), ...(value && !found.some((each) => each.id === value) ? [{ value, label: name }] : [])]
  return (
    <Select
      label={t('customer')}
      placeholder={t('customer_search_hint')}
      clearable
      searchable
      data={data}
      filter={({ options }) => options}
      value={value || null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={choose}
      nothingFoundMessage={text ? t('nothing_found') : undefined}
      clearButtonProps={{ 'aria-label': `${t('clear')}: ${t('customer')}` }}
    />
  )
}

async function download(filters: Filters): Promise<void> {
  const response = await send(urlOf('/log/export', {}, { ...queryOf(filters), format: 'csv' }), { headers: signature(false) })
  const url = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: url, download: 'contacts.csv' })
  link.click()
  URL.revokeObjectURL(url)
}

function Found({ page, words }: { page: Schemas['LogPage']; words: string }) {
  const t = useWords()
  const wide = useMediaQuery('(min-width: 48em)', undefined, { getInitialValueInEffect: false })
  if (!wide) {
    return (
      <ul className="choices" aria-label={t('contacts')}>
        {page.items.map((contact) => (
          <Small key={contact.id} contact={contact} words={words} excerpt={page.excerpts[contact.id] ?? ''} />
        ))}
      </ul>
    )
  }
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('began')}</Table.Th>
            <Table.Th>{t('who')}</Table.Th>
            <Table.Th>{t('reason')}</Table.Th>
            <Table.Th>{t('queue')}</Table.Th>
            <Table.Th>{t('agent')}</Table.Th>
            <Table.Th>{t('lasted')}</Table.Th>
            <Table.Th>{t('outcome')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {page.items.map((contact) => (
            <Row key={contact.id} contact={contact} words={words} excerpt={page.excerpts[contact.id] ?? ''} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

interface One {
  contact: Contact
  words: string
  excerpt: string
}

function useOne({ contact, words }: One) {
  const dates = useDates()
  const nameOf = useAgentName()
  const queueTitle = useQueueTitle()
  const called = useCalled()
  const stranger = useStranger()
  const customer = useCustomer(contact.customer_id).data
  return {
    to: `/contacts/${contact.id}${words ? `?${new URLSearchParams({ words })}` : ''}`,
    began: dates.short(contact.started_at),
    who: customer?.name || stranger(contact),
    reason: called(contact.reason),
    queue: queueTitle(contact.queue),
    agent: nameOf(contact.agent_id),
    lasted: contact.ended_at ? clockOf(Date.parse(contact.ended_at) - Date.parse(contact.started_at)) : '',
  }
}

function Excerpt({ excerpt, words }: { excerpt: string; words: string }) {
  return (
    <Text size="sm" className="found-words" dir="auto" mt={4}>
      <Marked text={excerpt} words={words} />
    </Text>
  )
}

function Row(one: One) {
  const { contact, words, excerpt } = one
  const { to, began, who, reason, queue, agent, lasted } = useOne(one)
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <To to={to}>
          <Icon name={kindIcon(contact.channel)} size={14} /> {began}
        </To>
      </Table.Td>
      <Table.Td maw={220} style={{ overflowWrap: 'anywhere' }}>
        <Marked text={who} words={words} />
      </Table.Td>
      <Table.Td maw={320}>
        <Text size="sm" truncate title={reason}>
          <Marked text={reason} words={words} />
        </Text>
        {excerpt && <Excerpt excerpt={excerpt} words={words} />}
      </Table.Td>
      <Table.Td>{queue}</Table.Td>
      <Table.Td>{agent}</Table.Td>
      <Table.Td>{lasted}</Table.Td>
      <Table.Td>
        <div className="badges">
          <Word code={contact.outcome || contact.state} />
        </div>
        <TagLine of={contact.tags} />
      </Table.Td>
    </Table.Tr>
  )
}

function Small(one: One) {
  const { contact, words, excerpt } = one
  const { to, began, who, reason, queue, agent, lasted } = useOne(one)
  return (
    <Paper withBorder p="xs" component="li" mb={4}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="start">
        <To to={to} style={{ overflowWrap: 'anywhere' }}>
          <Icon name={kindIcon(contact.channel)} size={14} /> <Marked text={who} words={words} />
        </To>
        <div className="badges">
          <Word code={contact.outcome || contact.state} />
        </div>
      </Group>
      <TagLine of={contact.tags} />
      <Text size="xs" c="dimmed">
        {[began, lasted, queue, agent].filter(Boolean).join(' · ')}
      </Text>
      {contact.reason && (
        <Text size="sm">
          <Marked text={reason} words={words} />
        </Text>
      )}
      {excerpt && <Excerpt excerpt={excerpt} words={words} />}
    </Paper>
  )
}

function TagLine({ of }: { of: string[] }) {
  if (of.length === 0) return null
  return (
    <Group gap={4} mt={4}>
      <Tags of={of} />
    </Group>
  )
}
