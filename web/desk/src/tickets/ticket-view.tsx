// One ticket: its words, its clock, what may be done to it now, its history.
import { ActionIcon, Button, Group, Menu, Modal, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import { touch, useAsked, useDeed } from '../api/asked'
import { ask } from '../api/client'
import type { TicketDetail } from '../api/types'
import { useDraft } from '../drafts'
import { nameOf as workName, useAgentName, useAgents, useCalled, useCustomer, useQueues, useQueueTitle } from '../known'
import { mine, useLive } from '../live/store'
import { Facts, Shown, To, useDates, useWord, Word } from '../parts/bits'
import { Icon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { me } from '../session'
import { useWords } from '../words'
import { Sla } from './sla'

export function useTicket(ticket: string) {
  return useAsked(`ticket ${ticket}`, () => ask('get', '/tickets/{ticket}', { path: { ticket } }), {
    on: ['tickets', `ticket:${ticket}`],
    every: 30_000,
  })
}

export function TicketView({ ticket }: { ticket: string }) {
  const asked = useTicket(ticket)
  return <Shown of={asked}>{(detail) => <Detail ticket={detail} again={asked.again} />}</Shown>
}

type Dialog = 'resolve' | 'wait' | 'reassign' | 'escalate' | 'reopen' | 'prioritise' | 'link' | null

function Detail({ ticket, again }: { ticket: TicketDetail; again: () => void }) {
  const t = useWords()
  const word = useWord()
  const nameOf = useAgentName()
  const queueTitle = useQueueTitle()
  const dates = useDates()
  const called = useCalled()
  const customer = useCustomer(ticket.customer_id).data
  const [dialog, setDialog] = useState<Dialog>(null)
  const [busy, run] = useDeed((refusal) => {
    tellRefusal(refusal)
    if (refusal.code === 'stale') again()
  })
  const done = () => {
    touch('tickets')
    again()
  }
  const deed = (action: 'claim' | 'close', body: object = {}) =>
    void run(() =>
      ask('post', `/tickets/{ticket}/${action}`, { path: { ticket: ticket.id }, body, version: ticket.version } as never),
    ).then(done)
  const may = (action: string) => ticket.allowed.includes(action)
  return (
    <div className="ticket">
      <Group justify="space-between" align="flex-start">
        <div>
          <Text size="sm" c="dimmed">
            {t('ticket')} {ticket.number} · {word(ticket.category)}
          </Text>
          <Title order={3} size="h4" dir="auto">
            {called(ticket.subject)}
          </Title>
          <Group gap={6} mt={6}>
            <Word code={ticket.status} />
            <Word code={ticket.severity} />
            <Text size="sm">
              {t('priority')} {ticket.priority}
            </Text>
            <Sla ticket={ticket} />
          </Group>
        </div>
        <Group gap="xs">
          {may('claim') && ticket.assignee_id !== me()?.agentId && (
            <Button size="sm" loading={busy} onClick={() => deed('claim')}>
              {t('claim')}
            </Button>
          )}
          {may('claim') && ticket.assignee_id === me()?.agentId && ticket.status !== 'in_progress' && (
            <Button size="sm" loading={busy} onClick={() => deed('claim')}>
              {t('go_on')}
            </Button>
          )}
          {may('resolve') && (
            <Button size="sm" leftSection={<Icon name="check" />} onClick={() => setDialog('resolve')}>
              {t('resolve')}
            </Button>
          )}
          {may('reopen') && (
            <Button size="sm" variant="default" onClick={() => setDialog('reopen')}>
              {t('reopen')}
            </Button>
          )}
          <Menu position="bottom-end">
            <Menu.Target>
              <Button size="sm" variant="default" rightSection={<Icon name="down" size={14} />}>
                {t('more')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item disabled={!may('reassign')} onClick={() => setDialog('reassign')}>
                {t('assign')}
              </Menu.Item>
              <Menu.Item disabled={!may('wait')} onClick={() => setDialog('wait')}>
                {t('let_wait')}
              </Menu.Item>
              <Menu.Item disabled={!may('escalate')} onClick={() => setDialog('escalate')}>
                {t('escalate')}
              </Menu.Item>
              <Menu.Item disabled={!may('prioritise')} onClick={() => setDialog('prioritise')}>
                {t('set_priority')}
              </Menu.Item>
              <Menu.Item disabled={!may('link')} onClick={() => setDialog('link')}>
                {t('link')}
              </Menu.Item>
              <Menu.Item disabled={!may('close')} onClick={() => deed('close')}>
                {t('close_for_good')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      {ticket.description && (
        <Text size="sm" className="quote" dir="auto">
          {ticket.description}
        </Text>
      )}
      <Facts
        facts={[
          [t('customer'), customer ? <To to={`/customers/${customer.id}`}>{customer.name || customer.id}</To> : ''],
          [t('contact_back'), ticket.contact_back],
          [t('order'), ticket.order_number],
          [t('assignee'), nameOf(ticket.assignee_id)],
          [t('queue'), queueTitle(ticket.queue)],
          [t('opened'), dates.exact(ticket.opened_at)],
          [t('due'), dates.exact(ticket.due_at)],
          [
            t('contacts'),
            ticket.contact_ids.length > 0 ? (
              <>
                {ticket.contact_ids.map((id, index) => (
                  <To key={id} to={`/contacts/${id}`} mr={8}>
                    {t('contact_number', { number: index + 1 })}
                  </To>
                ))}
              </>
            ) : (
              ''
            ),
          ],
          [t('linked_tickets'), ticket.links.length > 0 ? <Links ticket={ticket} done={done} /> : ''],
        ]}
      />
      <Note ticket={ticket} done={done} />
      <History ticket={ticket} />
      {dialog === 'link' && <LinkDialog ticket={ticket} close={() => setDialog(null)} done={done} />}
      {dialog && dialog !== 'link' && <Deeds dialog={dialog} ticket={ticket} close={() => setDialog(null)} done={done} run={run} busy={busy} />}
    </div>
  )
}

/** Other tickets about the same matter. */
function Links({ ticket, done }: { ticket: TicketDetail; done: () => void }) {
  const t = useWords()
  const word = useWord()
  const called = useCalled()
  const [busy, run] = useDeed(tellRefusal)
  return (
    <>
      {ticket.links.map((other) => (
        <Group key={other.id} gap={6} wrap="nowrap">
          <To to={`/tickets/${other.number}`} size="sm">{other.number}</To>
          <Text size="sm" truncate flex={1}>
            {called(other.subject)} · {word(other.status)}
          </Text>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            disabled={busy}
            aria-label={t('unlink', { number: other.number })}
            onClick={() => void run(() => ask('post', '/tickets/{ticket}/unlink', { path: { ticket: ticket.id }, body: { ticket: other.id } })).then((ok) => ok && done())}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </Group>
      ))}
    </>
  )
}

/** To another ticket by its number, or to one of the contacts that I have just now. */
function LinkDialog({ ticket, close, done }: { ticket: TicketDetail; close: () => void; done: () => void }) {
  const t = useWords()
  const [busy, run] = useDeed(tellRefusal)
  const [number, setNumber] = useState('')
  const [contact, setContact] = useState<string | null>(null)
  const contacts = mine(useLive().desk).filter((work) => work.contact_id && !ticket.contact_ids.includes(work.contact_id))
  const path = { ticket: ticket.id }
  return (
    <Modal opened onClose={close} title={`${t('link')} · ${ticket.number}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run(async () => {
            if (number.trim()) await ask('post', '/tickets/{ticket}/link', { path, body: { ticket: number.trim() } })
            if (contact) await ask('post', '/tickets/{ticket}/contacts', { path, body: { contact_id: contact } })
          }).then((ok) => {
            if (!ok) return
            if (contact) touch(`contact:${contact}`)
            done()
            close()
          })
        }}
      >
        <Stack>
          <TextInput label={t('other_ticket')} inputMode="numeric" maxLength={40} value={number} onChange={(event) => setNumber(event.currentTarget.value)} data-autofocus />
          {contacts.length > 0 && (
            <Select
              label={t('contact_at_hand')}
              clearable
              data={contacts.map((work) => ({ value: work.contact_id ?? '', label: workName(work) || t('unknown_customer') }))}
              value={contact}
              onChange={setContact}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={!number.trim() && !contact}>
              {t('link')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Note({ ticket, done }: { ticket: TicketDetail; done: () => void }) {
  const t = useWords()
  const [text, setText] = useDraft(`ticket.${ticket.id}`)
  const [busy, run] = useDeed(tellRefusal)
  return (
    <div className="note">
      <Textarea flex={1} aria-label={t('note')} placeholder={t('ticket_note_hint')} autosize minRows={1} maxRows={8} value={text} onChange={(event) => setText(event.currentTarget.value)} leftSection={<Icon name="pencil" size={16} />} />
      <Button
        variant="light"
        loading={busy}
        disabled={!text.trim()}
        onClick={() =>
          void run(() => ask('post', '/tickets/{ticket}/notes', { path: { ticket: ticket.id }, body: { text } })).then((ok) => {
            if (!ok) return
            setText('')
            done()
          })
        }
      >
        {t('note_save')}
      </Button>
    </div>
  )
}

function History({ ticket }: { ticket: TicketDetail }) {
  const t = useWords()
  const word = useWord()
  const dates = useDates()
  const nameOf = useAgentName()
  const called = useCalled()
  const queueTitle = useQueueTitle()
  const who = (actor: string) => (actor.startsWith('agent:') ? nameOf(actor.slice(6)) : word(actor))
  return (
    <section>
      <Title order={4} size="sm" mb={4}>
        {t('history')}
      </Title>
      <ol className="timeline">
        {ticket.history.toReversed().map((event) => (
          <li key={event.seq}>
            <Text size="xs" c="dimmed" component="time" dateTime={event.at}>
              {dates.short(event.at)}
            </Text>
            <Text size="sm" dir="auto">
              <b>{word(`did_${event.kind}`)}</b> · {who(event.actor)}
              <Told data={event.data} words={{ nameOf, queueTitle, word, called }} />
            </Text>
          </li>
        ))}
      </ol>
    </section>
  )
}

interface Namers {
  nameOf: (agentId: string) => string
  queueTitle: (name: string) => string
  word: (code: string) => string
  called: (name: string) => string
}

/** To whom or where it went, and what was said about it. */
function Told({ data, words }: { data: Record<string, unknown>; words: Namers }) {
  const t = useWords()
  const text = (name: string) => {
    const value = data[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  const to = text('to_kind') === 'agent' ? words.nameOf(text('to')) : text('to') && words.queueTitle(text('to'))
  const reason = text('reason') && (/^[a-z_]+$/.test(text('reason')) ? words.word(text('reason')) : words.called(text('reason')))
  const all = [
    text('agent_id') ? words.nameOf(text('agent_id')) : to,
    text('queue') && words.queueTitle(text('queue')),
    text('ticket'),
    text('disposition') && words.word(text('disposition')),
    text('text'),
    reason,
    text('resolution'),
  ].filter(Boolean)
  return all.length > 0 ? t('colon') + all.join(' · ') : null
}

function Deeds(props: {
  dialog: Exclude<NonNullable<Dialog>, 'link'>
  ticket: TicketDetail
  close: () => void
  done: () => void
  run: (deed: () => Promise<unknown>) => Promise<boolean>
  busy: boolean
}) {
  const { dialog, ticket } = props
  const t = useWords()
  const agents = useAgents().data ?? []
  const queues = useQueues().data ?? []
  const queueTitle = useQueueTitle()
  const [text, setText] = useState('')
  const [agent, setAgent] = useState<string | null>(ticket.assignee_id)
  const [queue, setQueue] = useState<string | null>(ticket.queue || null)
  const [priority, setPriority] = useState(ticket.priority)
  const path = { ticket: ticket.id }
  const version = ticket.version
  const send = () =>
    void props
      .run(() => {
        switch (dialog) {
          case 'resolve':
            return ask('post', '/tickets/{ticket}/resolve', { path, version, body: { resolution: text } })
          case 'wait':
            return ask('post', '/tickets/{ticket}/wait', { path, version, body: { reason: text } })
          case 'escalate':
            return ask('post', '/tickets/{ticket}/escalate', { path, version, body: { reason: text } })
          case 'reopen':
            return ask('post', '/tickets/{ticket}/reopen', { path, version, body: { reason: text } })
          case 'prioritise':
            return ask('post', '/tickets/{ticket}/prioritise', { path, version, body: { priority, reason: text } })
          case 'reassign':
            return ask('post', '/tickets/{ticket}/reassign', { path, version, body: { agent_id: agent, queue: queue ?? '', reason: text } })
        }
      })
      .then((ok) => {
        if (!ok) return
        props.done()
        props.close()
      })
  const titles = { resolve: t('resolve'), wait: t('let_wait'), escalate: t('escalate'), reopen: t('reopen'), reassign: t('assign'), prioritise: t('set_priority') }
  return (
    <Modal opened onClose={props.close} title={`${titles[dialog]} · ${ticket.number}`}>
      <Stack>
        {dialog === 'reassign' && (
          <>
            <Select label={t('agent')} data={agents.map((each) => ({ value: each.id, label: each.name }))} value={agent} onChange={setAgent} clearable searchable />
            <Select label={t('queue')} data={queues.map((each) => ({ value: each.name, label: queueTitle(each.name) }))} value={queue} onChange={setQueue} clearable />
          </>
        )}
        {dialog === 'prioritise' && (
          <Select
            label={t('priority')}
            data={[1, 2, 3, 4].map((each) => ({ value: String(each), label: t(`priority_${each as 1}`) }))}
            value={String(priority)}
            allowDeselect={false}
            onChange={(each) => each && setPriority(Number(each))}
          />
        )}
        <Textarea label={dialog === 'resolve' ? t('resolution') : t('reason')} value={text} autosize minRows={3} onChange={(event) => setText(event.currentTarget.value)} data-autofocus />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.close}>
            {t('cancel')}
          </Button>
          <Button loading={props.busy} onClick={send}>
            {titles[dialog]}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
