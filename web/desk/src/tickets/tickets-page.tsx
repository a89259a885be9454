// Tickets as a board by status or as a list, with filters; and one of them.
import { Button, Group, Modal, Paper, ScrollArea, SegmentedControl, Select, Stack, Switch, Table, Text, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useAsked } from '../api/asked'
import { ask } from '../api/client'
import type { Ticket } from '../api/types'
import { useAgentName, useCalled, useQueues, useQueueTitle } from '../known'
import { Dot, follow, Nothing, Shown, To, useWord, Word } from '../parts/bits'
import { Icon } from '../parts/icons'
import { go, hrefOf } from '../router'
import { me } from '../session'
import { useWords } from '../words'
import { NewTicket } from './new-ticket'
import { Sla } from './sla'
import { TicketView } from './ticket-view'

const STATUSES = ['open', 'in_progress', 'waiting', 'resolved', 'closed'] as const
const COLUMNS = ['open', 'in_progress', 'waiting', 'resolved'] as const

interface Filters {
  whose: 'all' | 'mine' | 'nobody'
  queue: string | null
  severity: string | null
  priority: string | null
  status: string | null
  late: boolean
}

export default function TicketsPage({ number }: { number: string | undefined }) {
  const t = useWords()
  const word = useWord()
  const queues = useQueues().data ?? []
  const queueTitle = useQueueTitle()
  const [look, setLook] = useState<'board' | 'list'>(() => (matchMedia('(max-width: 48em)').matches ? 'list' : 'board'))
  const [filters, setFilters] = useState<Filters>({ whose: 'all', queue: null, severity: null, priority: null, status: null, late: false })
  const [making, setMaking] = useState(false)
  const set = (changes: Partial<Filters>) => setFilters({ ...filters, ...changes })
  const query = {
    order: 'work' as const,
    limit: 200,
    ...(filters.whose === 'mine' ? { assignee: me()?.agentId ?? '' } : {}),
    ...(filters.whose === 'nobody' ? { unassigned: true } : {}),
    ...(filters.queue ? { queue: filters.queue } : {}),
    ...(filters.severity ? { severity: filters.severity as 'low' } : {}),
    ...(filters.priority ? { priority: Number(filters.priority) } : {}),
    ...(filters.late ? { overdue: true } : {}),
  }
  const open = useAsked(`tickets open ${JSON.stringify(filters)}`, () => ask('get', '/tickets', { query: filters.status ? { ...query, status: filters.status as 'open' } : { ...query, open: true } }), {
    on: ['tickets'],
    every: 15_000,
  })
  const settled = useAsked(
    filters.late || filters.status ? null : `tickets resolved ${JSON.stringify(filters)}`,
    () => ask('get', '/tickets', { query: { ...query, order: 'newest', status: 'resolved', limit: 30 } }),
    { on: ['tickets'], every: 30_000 },
  )
  return (
    <div className="page">
      <div className="toolbar">
        <Group gap="sm">
          <SegmentedControl size="sm" value={look} onChange={(value) => setLook(value as typeof look)} data={[{ value: 'board', label: t('board') }, { value: 'list', label: t('list') }]} aria-label={t('look')} />
          <SegmentedControl
            size="sm"
            value={filters.whose}
            onChange={(value) => set({ whose: value as Filters['whose'] })}
            aria-label={t('whose')}
            data={[
              { value: 'all', label: t('all') },
              { value: 'mine', label: t('mine') },
              { value: 'nobody', label: t('nobodys') },
            ]}
          />
          <Select size="sm" w={150} placeholder={t('queue')} aria-label={t('queue')} clearable data={queues.map((each) => ({ value: each.name, label: queueTitle(each.name) }))} value={filters.queue} onChange={(queue) => set({ queue })} />
          <Select size="sm" w={120} placeholder={t('severity')} aria-label={t('severity')} clearable data={['low', 'normal', 'high', 'urgent'].map((each) => ({ value: each, label: word(each) }))} value={filters.severity} onChange={(severity) => set({ severity })} />
          <Select size="sm" w={120} placeholder={t('priority')} aria-label={t('priority')} clearable data={['1', '2', '3', '4'].map((each) => ({ value: each, label: t(`priority_${each as '1'}`) }))} value={filters.priority} onChange={(priority) => set({ priority })} />
          <Select size="sm" w={120} placeholder={t('status')} aria-label={t('status')} clearable data={STATUSES.map((each) => ({ value: each, label: word(each) }))} value={filters.status} onChange={(status) => set({ status })} />
          <Switch label={t('only_late')} checked={filters.late} onChange={(event) => set({ late: event.currentTarget.checked })} />
        </Group>
        <Button leftSection={<Icon name="plus" />} onClick={() => setMaking(true)}>
          {t('new_ticket')}
        </Button>
      </div>
      <Shown of={open}>
        {(page) => {
          const tickets = [...page.items, ...(filters.late || filters.status ? [] : (settled.data?.items ?? []))]
          if (tickets.length === 0) return <Nothing icon="ticket">{t('no_tickets')}</Nothing>
          return look === 'board' ? <Board tickets={tickets} /> : <List tickets={tickets} />
        }}
      </Shown>
      {number && (
        <Modal opened onClose={() => go('/tickets')} size="xl" title={`${t('ticket')} ${number}`}>
          <TicketView key={number} ticket={number} />
        </Modal>
      )}
      {making && <NewTicket close={() => setMaking(false)} />}
    </div>
  )
}

function Board({ tickets }: { tickets: Ticket[] }) {
  const word = useWord()
  return (
    <ScrollArea type="auto">
      <div className="board">
        {(tickets.some((ticket) => ticket.status === 'closed') ? STATUSES : COLUMNS).map((status) => {
          const here = tickets.filter((ticket) => ticket.status === status)
          return (
            <section key={status} className="column" aria-label={word(status)}>
              <Group gap={6} mb="xs">
                <Dot code={status} />
                <Text fw={600} size="sm">
                  {word(status)}
                </Text>
                <Text size="sm" c="dimmed">
                  {here.length}
                </Text>
              </Group>
              <Stack gap="xs">
                {here.map((ticket) => (
                  <Card key={ticket.id} ticket={ticket} />
                ))}
              </Stack>
            </section>
          )
        })}
      </div>
    </ScrollArea>
  )
}

function Card({ ticket }: { ticket: Ticket }) {
  const t = useWords()
  const nameOf = useAgentName()
  const called = useCalled()
  return (
    <UnstyledButton component="a" href={hrefOf(`/tickets/${ticket.number}`)} onClick={(event) => follow(event, `/tickets/${ticket.number}`)}>
      <Paper withBorder p="sm" className="card" data-severity={ticket.severity}>
        <Group justify="space-between" wrap="nowrap">
          <Text size="xs" c="dimmed">
            {ticket.number} · {t('priority_short')}
            {ticket.priority}
          </Text>
          <Word code={ticket.severity} size="sm" />
        </Group>
        <Text size="sm" fw={600} lineClamp={2} dir="auto" my={4}>
          {called(ticket.subject)}
        </Text>
        <Group justify="space-between" gap={6}>
          <Text size="xs" c="dimmed">
            {nameOf(ticket.assignee_id) || t('nobody')}
          </Text>
          <Sla ticket={ticket} />
        </Group>
      </Paper>
    </UnstyledButton>
  )
}

function List({ tickets }: { tickets: Ticket[] }) {
  const t = useWords()
  const nameOf = useAgentName()
  const queueTitle = useQueueTitle()
  const called = useCalled()
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('number')}</Table.Th>
            <Table.Th>{t('subject')}</Table.Th>
            <Table.Th>{t('status')}</Table.Th>
            <Table.Th>{t('severity')}</Table.Th>
            <Table.Th>{t('due')}</Table.Th>
            <Table.Th>{t('assignee')}</Table.Th>
            <Table.Th>{t('queue')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tickets.map((ticket) => (
            <Table.Tr key={ticket.id}>
              <Table.Td>
                <To to={`/tickets/${ticket.number}`}>{ticket.number}</To>
              </Table.Td>
              <Table.Td maw={320}>
                <Text size="sm" truncate dir="auto">
                  {called(ticket.subject)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Word code={ticket.status} />
              </Table.Td>
              <Table.Td>
                <Word code={ticket.severity} />
              </Table.Td>
              <Table.Td>
                <Sla ticket={ticket} />
              </Table.Td>
              <Table.Td>{nameOf(ticket.assignee_id)}</Table.Td>
              <Table.Td>{queueTitle(ticket.queue)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
