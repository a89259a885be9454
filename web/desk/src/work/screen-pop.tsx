// Who it is and why they come: from the customer's card, the bot's handoff, the path through the flow, and history.
import { Badge, Group, Stack, Text } from '@mantine/core'
import type { ContactDetail, CustomerDetail, Handoff, Timeline, Work } from '../api/types'
import { useAgentName, useCalled, useStranger, useTimeline, useWho } from '../known'
import { Tags, useDates, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { languageName, useLanguage, useWords } from '../words'
import { pathOf, useWay } from './path'

const LAST_LINES = 6

export function ScreenPop({ work }: { work: Work }) {
  const { contact, customer } = useWho(work)
  const called = useCalled()
  if (!contact) return work.reason ? <Text size="sm">{called(work.reason)}</Text> : null
  return (
    <Stack gap="sm">
      <Who contact={contact} customer={customer} work={work} />
      <Why contact={contact} work={work} />
      {customer && <Past customer={customer} contactId={contact.id} />}
    </Stack>
  )
}

function Who({ contact, customer, work }: { contact: ContactDetail; customer: CustomerDetail | undefined; work: Work }) {
  const t = useWords()
  const language = useLanguage()
  const nameOf = useAgentName()
  const stranger = useStranger()
  const speaks = customer?.language || work.language || contact.language
  return (
    <Group gap={6}>
      <Badge variant="default" leftSection={<Icon name={kindIcon(contact.channel)} size={12} />} tt="none">
        {stranger(contact)}
      </Badge>
      {customer && customer.tier !== work.tier && <Word code={customer.tier} />}
      {speaks && (
        <Badge variant="default" leftSection={<Icon name="language" size={12} />} tt="none">
          {languageName(speaks, language)}
        </Badge>
      )}
      {customer?.owner_id && (
        <Badge variant="default" leftSection={<Icon name="user" size={12} />} tt="none">
          {t('owner')}: {nameOf(customer.owner_id)}
        </Badge>
      )}
      {customer && <Tags of={customer.tags} />}
      {!customer && !contact.customer_id && <Badge color="gray" variant="light" tt="none">{t('not_known')}</Badge>}
    </Group>
  )
}

/** What the customer wants, in words and by the way that led here; `brief` where the conversation stands below. */
export function Why({ contact, work, brief = false }: { contact: ContactDetail; work?: Work; brief?: boolean }) {
  const t = useWords()
  const timeline = useTimeline(contact.id).data
  const reason = work?.reason || contact.reason
  const called = useCalled()
  const way = useWay()
  const path = timeline ? pathOf(timeline, called, way) : []
  const said = timeline && !contact.handoff && !brief ? saidOf(timeline) : []
  if (!contact.handoff && !reason && path.length === 0 && said.length === 0) return null
  return (
    <Stack gap={6} className="why">
      {contact.handoff && <FromBot handoff={contact.handoff} brief={brief} />}
      {reason && !contact.handoff && (
        <Text size="sm">
          <b>{t('reason')}</b> {called(reason)}
        </Text>
      )}
      {said.map((line) => (
        <Text size="sm" key={line.seq} className="quote">
          {line.text}
        </Text>
      ))}
      {path.length > 0 && (
        <Text size="xs" c="dimmed">
          {t('came_by')} {path.join(' → ')}
        </Text>
      )}
    </Stack>
  )
}

export function FromBot({ handoff, brief = false }: { handoff: Handoff; brief?: boolean }) {
  const t = useWords()
  const word = useWord()
  const called = useCalled()
  const known = handoff.wants !== handoff.intent.replaceAll('_', ' ')
  const wants = known ? handoff.wants : called(handoff.intent)
  return (
    <Stack gap={6}>
      <Text size="sm">
        <Icon name="bot" size={14} /> <b>{(wants === handoff.intent ? handoff.wants : wants) || t('nothing_understood')}</b>
        {t('in_brackets', { text: handoff.why })}
      </Text>
      {handoff.summary && !handoff.wants && handoff.slots.length === 0 && <Text size="sm">{handoff.summary}</Text>}
      {handoff.slots.length > 0 && (
        <Group gap={6}>
          {handoff.slots.map((slot) => (
            <Badge key={slot.name} variant="light" color="grape" tt="none">
              {labelOf(slot, called)}
              {t('colon')}
              {/^[a-z_]+$/.test(slot.value) ? word(slot.value) : slot.value}
            </Badge>
          ))}
        </Group>
      )}
      {!brief && handoff.lines.slice(-LAST_LINES).map((line, index) => (
        <Text size="sm" key={index} className="quote" data-bot={line.who === 'bot' || undefined}>
          {line.who === 'bot' ? `${t('w_bot')}${t('colon')}` : ''}
          {line.text}
        </Text>
      ))}
    </Stack>
  )
}

/** A slot as the engine or the company calls it. */
function labelOf(slot: Handoff['slots'][number], called: (name: string) => string): string {
  const named = slot.label === slot.name.replaceAll('_', ' ') ? called(slot.name) : slot.name
  return named === slot.name ? slot.label : named
}

function Past({ customer, contactId }: { customer: CustomerDetail; contactId: string }) {
  const t = useWords()
  const word = useWord()
  const called = useCalled()
  const dates = useDates()
  const before = customer.contacts.filter((contact) => contact.id !== contactId).slice(0, 3)
  const orders = customer.orders.slice(0, 2)
  return (
    <Stack gap={4}>
      {customer.open_tickets.map((ticket) => (
        <Text size="sm" key={ticket.id}>
          <Icon name="ticket" size={14} /> {ticket.number} · {called(ticket.subject)} · {word(ticket.status)}
        </Text>
      ))}
      {orders.map((order) => (
        <Text size="sm" key={order.id}>
          <Icon name="cart" size={14} /> {order.number} · {word(order.status)} · {dates.money(order.total_minor, order.currency)}
        </Text>
      ))}
      {before.map((contact) => (
        <Text size="xs" c="dimmed" key={contact.id}>
          <Icon name={kindIcon(contact.channel)} size={12} /> {dates.short(contact.started_at)} ·{' '}
          {called(contact.reason) || word(contact.outcome) || word(contact.state)}
        </Text>
      ))}
      {customer.contacts.length <= 1 && (
        <Text size="xs" c="dimmed">
          {t('first_contact')}
        </Text>
      )}
    </Stack>
  )
}

/** What the customer said or keyed, as the timeline tells it. */
function saidOf(timeline: Timeline) {
  return timeline.lines.filter((line) => line.kind === 'input').slice(-3)
}
