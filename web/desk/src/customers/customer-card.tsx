// The customer of a contact, or that nobody knows who it is: profile, addresses, orders, tickets and earlier contacts.
import { ActionIcon, Button, Group, Stack, Text, TextInput, Title, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { useAsked, useDeed } from '../api/asked'
import { ask } from '../api/client'
import { touch } from '../api/asked'
import type { ContactDetail, CustomerDetail } from '../api/types'
import { addressOf, useAgentName, useCalled, useCustomer } from '../known'
import { useLive } from '../live/store'
import { Facts, Shown, Tags, To, useDates, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { may } from '../session'
import { languageName, useLanguage, useWords } from '../words'
import { AddIdentity, CustomerForm, MergeDialog } from './customer-forms'

export function CustomerCard({ contact, customerId, alone = false }: { contact?: ContactDetail; customerId: string | null | undefined; alone?: boolean }) {
  const asked = useCustomer(customerId)
  if (!customerId) return contact ? <Unknown contact={contact} /> : null
  return <Shown of={asked}>{(customer) => <Card customer={customer} contactId={contact?.id} level={alone ? 2 : 3} />}</Shown>
}

function Unknown({ contact }: { contact: ContactDetail }) {
  const t = useWords()
  const [making, setMaking] = useState(false)
  const [text, setText] = useState('')
  const [busy, run] = useDeed(tellRefusal)
  const who = Object.values(useLive().desk.works).find((work) => work.contact_id === contact.id)?.who
  const address = who ? who.address : contact.channel === 'web' ? '' : addressOf(contact)
  const wanted = text.trim()
  const found = useAsked(wanted.length > 1 ? `customers like ${wanted}` : null, () => ask('get', '/customers', { query: { text: wanted, limit: 6 } }))
  const link = (customerId: string) =>
    void run(() => ask('post', '/customers/{customer_id}/contacts', { path: { customer_id: customerId }, body: { contact_id: contact.id } })).then((done) => {
      if (done) touch(`contact:${contact.id}`)
    })
  return (
    <Stack gap="sm">
      <Text size="sm">{t('not_known')}</Text>
      {who?.name && <Facts facts={[[t('says_to_be'), who.name]]} />}
      {address && (
        <Text size="sm" c="dimmed">
          {address}
        </Text>
      )}
      <TextInput
        label={t('search_customer')}
        placeholder={t('customer_search_hint')}
        leftSection={<Icon name="search" size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {wanted.length > 1 && (
        <ul className="choices" aria-label={t('customers')}>
          {(found.data?.items ?? []).map((customer) => (
            <li key={customer.id}>
              <Group wrap="nowrap" gap={6}>
                <To to={`/customers/${customer.id}`} size="sm" style={{ flex: 1 }}>
                  {customer.name || customer.id}
                </To>
                <Button size="compact-xs" variant="light" disabled={busy} onClick={() => link(customer.id)}>
                  {t('it_is_them')}
                </Button>
              </Group>
            </li>
          ))}
          {found.data?.items.length === 0 && (
            <Text size="sm" c="dimmed">
              {t('nothing_found')}
            </Text>
          )}
        </ul>
      )}
      <Button variant="default" size="sm" leftSection={<Icon name="plus" />} onClick={() => setMaking(true)}>
        {t('new_customer')}
      </Button>
      {making && (
        <CustomerForm
          name={who?.name ?? ''}
          close={(id) => {
            setMaking(false)
            if (id) link(id)
          }}
        />
      )}
    </Stack>
  )
}

function Card({ customer, contactId, level }: { customer: CustomerDetail; contactId: string | undefined; level: 2 | 3 }) {
  const t = useWords()
  const language = useLanguage()
  const nameOf = useAgentName()
  const word = useWord()
  const [dialog, setDialog] = useState<'edit' | 'identity' | 'merge' | null>(null)
  return (
    <Stack gap="md">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={level} size="h4">
            <To to={`/customers/${customer.id}`} c="inherit">
              {customer.name || t('unknown_customer')}
            </To>
          </Title>
          <Group gap={6} mt={4}>
            <Word code={customer.tier} />
            <Tags of={customer.tags} />
          </Group>
        </div>
        <Group gap={4} wrap="nowrap">
          <Tooltip label={t('edit')}>
            <ActionIcon variant="default" aria-label={t('edit')} onClick={() => setDialog('edit')}>
              <Icon name="pencil" size={16} />
            </ActionIcon>
          </Tooltip>
          {may('supervisor') && (
            <Tooltip label={t('merge')}>
              <ActionIcon variant="default" aria-label={t('merge')} onClick={() => setDialog('merge')}>
                <Icon name="merge" size={16} />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      </Group>
      <Facts
        facts={[
          [t('language'), languageName(customer.language, language)],
          [t('owner'), nameOf(customer.owner_id)],
          [t('preferred_channel'), word(customer.preferred_channel)],
          [t('preferred_hours'), customer.preferred_hours],
          [t('notes'), customer.notes],
        ]}
      />
      <Identities customer={customer} add={() => setDialog('identity')} />
      <Tickets customer={customer} />
      <Orders customer={customer} />
      <Contacts customer={customer} contactId={contactId} />
      {dialog === 'edit' && <CustomerForm customer={customer} close={() => setDialog(null)} />}
      {dialog === 'identity' && <AddIdentity customerId={customer.id} close={() => setDialog(null)} />}
      {dialog === 'merge' && <MergeDialog customer={customer} close={() => setDialog(null)} />}
    </Stack>
  )
}

function Identities({ customer, add }: { customer: CustomerDetail; add: () => void }) {
  const t = useWords()
  const word = useWord()
  const [busy, run] = useDeed(tellRefusal)
  const consent = (address: string) => customer.consents.find((each) => each.address === address)
  const remove = (id: string, value: string) => {
    if (!confirm(t('remove_identity_sure', { value }))) return
    void run(() =>
      ask('delete', '/customers/{customer_id}/identities/{identity_id}', { path: { customer_id: customer.id, identity_id: id } }),
    ).then(() => touch(`customer:${customer.id}`))
  }
  const opt = (kind: 'sms' | 'whatsapp', address: string, out: boolean) =>
    void run(() => ask('put', '/customers/{customer_id}/consents', { path: { customer_id: customer.id }, body: { kind, address, opted_out: out } })).then((done) => {
      if (done) tell(t(out ? 'opted_out' : 'opted_in'))
      touch(`customer:${customer.id}`)
    })
  return (
    <section>
      <Group justify="space-between">
        <Text size="sm" fw={650}>
          {t('identities')}
        </Text>
        <ActionIcon variant="subtle" size="sm" aria-label={t('add_identity')} onClick={add}>
          <Icon name="plus" size={16} />
        </ActionIcon>
      </Group>
      {customer.identities.map((identity) => {
        const known = consent(identity.value)
        return (
          <Group key={identity.id} justify="space-between" wrap="nowrap" gap={4}>
            <Text size="sm" truncate title={`${word(identity.kind)} · ${word(identity.evidence)}`}>
              {identity.value}{' '}
              <Text span size="xs" c="dimmed">
                {word(identity.kind)}
              </Text>
            </Text>
            <Group gap={2} wrap="nowrap">
              {known && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  color={known.opted_out ? 'red' : 'gray'}
                  disabled={busy}
                  onClick={() => opt(known.kind as 'sms' | 'whatsapp', known.address, !known.opted_out)}
                >
                  {known.opted_out ? t('opted_out_short') : t('opted_in_short')}
                </Button>
              )}
              <ActionIcon variant="subtle" color="gray" size="sm" disabled={busy} aria-label={t('remove_identity', { value: identity.value })} onClick={() => remove(identity.id, identity.value)}>
                <Icon name="close" size={14} />
              </ActionIcon>
            </Group>
          </Group>
        )
      })}
    </section>
  )
}

function Tickets({ customer }: { customer: CustomerDetail }) {
  const t = useWords()
  const word = useWord()
  const called = useCalled()
  if (customer.open_tickets.length === 0) return null
  return (
    <section>
      <Text size="sm" fw={650}>
        {t('open_tickets')}
      </Text>
      {customer.open_tickets.map((ticket) => (
        <Group key={ticket.id} gap={6} wrap="nowrap">
          <To to={`/tickets/${ticket.number}`} size="sm">
            {ticket.number}
          </To>
          <Text size="sm" truncate flex={1}>
            {called(ticket.subject)}
          </Text>
          <Text size="xs" c="dimmed">
            {word(ticket.status)}
          </Text>
        </Group>
      ))}
    </section>
  )
}

function Orders({ customer }: { customer: CustomerDetail }) {
  const t = useWords()
  const dates = useDates()
  if (customer.orders.length === 0) return null
  return (
    <section>
      <Text size="sm" fw={650}>
        {t('orders')}
      </Text>
      {customer.orders.slice(0, 6).map((order) => (
        <details key={order.id} className="order">
          <summary>
            <Text size="sm" span fw={600}>
              {order.number}
            </Text>{' '}
            <Word code={order.status} size="sm" />{' '}
            <Text size="sm" span c="dimmed">
              {dates.money(order.total_minor, order.currency)}
            </Text>
          </summary>
          <Text size="xs" c="dimmed">
            {dates.short(order.placed_at)}
            {order.promised_at ? ` → ${dates.short(order.promised_at)}` : ''}
          </Text>
          {order.items.map((item, index) => (
            <Text size="xs" key={index}>
              {item.quantity} × {item.name}
            </Text>
          ))}
        </details>
      ))}
    </section>
  )
}

function Contacts({ customer, contactId }: { customer: CustomerDetail; contactId: string | undefined }) {
  const t = useWords()
  const word = useWord()
  const called = useCalled()
  const dates = useDates()
  const before = customer.contacts.filter((contact) => contact.id !== contactId)
  if (before.length === 0) return null
  return (
    <section>
      <Text size="sm" fw={650}>
        {t('earlier_contacts')}
      </Text>
      {before.map((contact) => (
        <Group key={contact.id} gap={6} wrap="nowrap">
          <Icon name={kindIcon(contact.channel)} size={14} />
          <To to={`/contacts/${contact.id}`} size="sm" style={{ whiteSpace: 'nowrap' }}>
            {dates.short(contact.started_at)}
          </To>
          <Text size="sm" c="dimmed" truncate flex={1}>
            {called(contact.reason) || word(contact.outcome) || word(contact.state)}
          </Text>
        </Group>
      ))}
    </section>
  )
}
