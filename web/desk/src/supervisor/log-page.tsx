// The log of all contacts: words in the transcript, path, and filters; what is found opens, and exports as CSV.
import { Button, Collapse, Group, Paper, Select, SimpleGrid, Table, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useAsked, useDeed } from '../api/asked'
import { ask, send, urlOf } from '../api/client'
import type { Contact } from '../api/types'
import { addressOf, useAgentName, useAgents, useCustomer, useQueues, useQueueTitle } from '../known'
import { Nothing, Shown, To, useDates, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { signature } from '../session'
import { clockOf } from '../time'
import { useWords } from '../words'

const CHANNELS = ['phone', 'sms', 'whatsapp', 'web', 'console', 'console_chat'] as const
const STATES = ['in_flow', 'waiting', 'connected', 'ended'] as const

interface Filters {
  words: string
  path: string
  address: string
  tag: string
  ticket: string
  since: string
  until: string
  channel: string | null
  state: string | null
  queue: string | null
  agent: string | null
}

const NONE: Filters = { words: '', path: '', address: '', tag: '', ticket: '', since: '', until: '', channel: null, state: null, queue: null, agent: null }

function queryOf(filters: Filters): Record<string, string> {
  const given = Object.entries(filters).filter((each): each is [string, string] => Boolean(each[1]))
  return Object.fromEntries(given.map(([name, value]) => [name, name === 'since' || name === 'until' ? new Date(value).toISOString() : value.trim()]))
}

export default function LogPage() {
  const t = useWords()
  const word = useWord()
  const agents = useAgents().data ?? []
  const queues = useQueues().data ?? []
  const queueTitle = useQueueTitle()
  const [filters, setFilters] = useState(NONE)
  const [asked, setAsked] = useState(NONE)
  const [pages, setPages] = useState<(string | null)[]>([null])
  const [more, setMore] = useState(() => !matchMedia('(max-width: 48em)').matches)
  const [busy, run] = useDeed(tellRefusal)
  const cursor = pages.at(-1) ?? null
  const query = queryOf(asked)
  const found = useAsked(`log ${JSON.stringify(query)} ${cursor}`, () =>
    ask('get', '/log', { query: { ...query, limit: 50, ...(cursor ? { cursor } : {}) } as never }),
  )
  const set = (changes: Partial<Filters>) => setFilters({ ...filters, ...changes })
  const search = (event?: FormEvent) => {
    event?.preventDefault()
    setPages([null])
    setAsked(filters)
  }
  const field = (name: keyof Filters, label: string, type = 'text') => (
    <TextInput label={label} type={type} value={filters[name] ?? ''} onChange={(event) => set({ [name]: event.currentTarget.value })} />
  )

  return (
    <div className="page">
      <Paper withBorder p="md" mb="md">
        <form onSubmit={search}>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm">
            {field('words', t('words_said'))}
            {field('address', t('address'))}
            {field('since', t('since_when'), 'datetime-local')}
            {field('until', t('until_when'), 'datetime-local')}
          </SimpleGrid>
          <Collapse expanded={more}>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" mt="sm">
            <Select label={t('channel')} clearable data={CHANNELS.map((each) => ({ value: each, label: word(each) }))} value={filters.channel} onChange={(channel) => set({ channel })} />
            <Select label={t('queue')} clearable data={queues.map((each) => ({ value: each.name, label: queueTitle(each.name) }))} value={filters.queue} onChange={(queue) => set({ queue })} />
            <Select label={t('agent')} clearable searchable data={agents.map((each) => ({ value: each.id, label: each.name }))} value={filters.agent} onChange={(agent) => set({ agent })} />
            <Select label={t('state')} clearable data={STATES.map((each) => ({ value: each, label: word(each) }))} value={filters.state} onChange={(state) => set({ state })} />
            {field('path', t('path'))}
            {field('tag', t('tag'))}
            {field('ticket', t('ticket'))}
          </SimpleGrid>
          </Collapse>
          <Group justify="flex-end" mt="md" gap="sm">
            <Button variant="subtle" mr="auto" px="xs" aria-expanded={more} onClick={() => setMore(!more)}>
              {more ? t('fewer_filters') : t('more_filters')}
            </Button>
            <Button variant="subtle" onClick={() => (setFilters(NONE), setAsked(NONE), setPages([null]))}>
              {t('clear')}
            </Button>
            <Button variant="default" leftSection={<Icon name="download" />} loading={busy} onClick={() => void run(() => download(queryOf(filters)))}>
              CSV
            </Button>
            <Button type="submit" leftSection={<Icon name="search" />}>
              {t('search')}
            </Button>
          </Group>
        </form>
      </Paper>
      <Shown of={found}>
        {(page) => (
          <>
            {page.items.length === 0 ? <Nothing icon="log">{t('nothing_found')}</Nothing> : <Found contacts={page.items} />}
            <Group justify="center" mt="md">
              <Button variant="default" size="sm" disabled={pages.length === 1} leftSection={<Icon name="left" />} onClick={() => setPages(pages.slice(0, -1))}>
                {t('newer')}
              </Button>
              <Text size="sm" c="dimmed">
                {pages.length}
              </Text>
              <Button variant="default" size="sm" disabled={!page.next_cursor} rightSection={<Icon name="right" />} onClick={() => setPages([...pages, page.next_cursor ?? null])}>
                {t('older')}
              </Button>
            </Group>
          </>
        )}
      </Shown>
    </div>
  )
}

async function download(query: object): Promise<void> {
  const response = await send(urlOf('/log/export', {}, { ...query, format: 'csv' }), { headers: signature(false) })
  const url = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: url, download: 'contacts.csv' })
  link.click()
  URL.revokeObjectURL(url)
}

function Found({ contacts }: { contacts: Contact[] }) {
  const t = useWords()
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
          {contacts.map((contact) => (
            <Row key={contact.id} contact={contact} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Row({ contact }: { contact: Contact }) {
  const t = useWords()
  const dates = useDates()
  const nameOf = useAgentName()
  const queueTitle = useQueueTitle()
  const customer = useCustomer(contact.customer_id).data
  const lasted = contact.ended_at ? clockOf(Date.parse(contact.ended_at) - Date.parse(contact.started_at)) : ''
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <To to={`/contacts/${contact.id}`}>
          <Icon name={kindIcon(contact.channel)} size={14} /> {dates.short(contact.started_at)}
        </To>
      </Table.Td>
      <Table.Td>{customer?.name || addressOf(contact) || t('withheld')}</Table.Td>
      <Table.Td maw={260}>
        <Text size="sm" truncate>
          {contact.reason}
        </Text>
      </Table.Td>
      <Table.Td>{queueTitle(contact.queue)}</Table.Td>
      <Table.Td>{nameOf(contact.agent_id)}</Table.Td>
      <Table.Td>{lasted}</Table.Td>
      <Table.Td>{contact.outcome ? <Word code={contact.outcome} /> : <Word code={contact.state} />}</Table.Td>
    </Table.Tr>
  )
}
