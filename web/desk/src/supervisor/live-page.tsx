// Every contact that waits or is with somebody, by its place in line, with the router's why.
import { Button, SegmentedControl, Table, Text, useMatches } from '@mantine/core'
import { useId, useState } from 'react'
import { type Asked, useAsked } from '../api/asked'
import { ask, type Schemas } from '../api/client'
import type { Work } from '../api/types'
import { useAgentName, useCalled, useCustomer, useQueueTitle, useStranger, useWho, useWorks } from '../known'
import { Nothing, Shown, Since, To, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { useWords } from '../words'
import { nodeName } from '../work/path'
import { Join } from './join'
import { WhyPanel } from './why-panel'

export default function LivePage() {
  const t = useWords()
  const word = useWord()
  const [which, setWhich] = useState('all')
  const works = useWorks(2500)
  const size = useMatches({ base: 'xs', sm: 'sm' })
  return (
    <div className="page">
      <SegmentedControl
        mb="md"
        size={size}
        value={which}
        onChange={setWhich}
        aria-label={t('which')}
        data={[
          { value: 'all', label: t('all') },
          ...['waiting', 'active', 'wrap_up', 'in_flow'].map((each) => ({ value: each, label: word(each) })),
        ]}
      />
      {which === 'in_flow' ? <InFlow /> : <Works which={which} works={works} />}
    </div>
  )
}

function Works({ which, works }: { which: string; works: Asked<Work[]> }) {
  const t = useWords()
  return (
      <Shown of={works}>
        {(all) => {
          const shown = all.filter((work) => which === 'all' || work.state === which || (which === 'waiting' && work.state === 'offered') || (which === 'active' && work.state === 'connecting'))
          if (shown.length === 0) return <Nothing icon="live">{t('nobody_here')}</Nothing>
          return (
            <Table.ScrollContainer minWidth={340}>
              <Table highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('who')}</Table.Th>
                    <Table.Th>{t('state')}</Table.Th>
                    <Table.Th visibleFrom="md">{t('queue')}</Table.Th>
                    <Table.Th visibleFrom="md">{t('since')}</Table.Th>
                    <Table.Th visibleFrom="md">{t('agent')}</Table.Th>
                    <Table.Th visibleFrom="md">{t('reason')}</Table.Th>
                    <Table.Th>
                      <span className="unseen">{t('more')}</span>
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {shown.map((work) => (
                    <Row key={work.id} work={work} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }}
      </Shown>
  )
}

/** Those with whom the flow or the bot still speaks, and where they are in it. */
function InFlow() {
  const t = useWords()
  const asked = useAsked('live in flow', async () => (await ask('get', '/live/contacts', { query: { state: 'in_flow', limit: 100 } })).items, {
    every: 2500,
  })
  return (
    <Shown of={asked}>
      {(contacts) =>
        contacts.length === 0 ? (
          <Nothing icon="flow">{t('nobody_here')}</Nothing>
        ) : (
          <Table.ScrollContainer minWidth={340}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('who')}</Table.Th>
                  <Table.Th>{t('speaks_with')}</Table.Th>
                  <Table.Th>{t('place')}</Table.Th>
                  <Table.Th>{t('since')}</Table.Th>
                  <Table.Th visibleFrom="md">{t('reason')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {contacts.map((contact) => (
                  <FlowRow key={contact.id} contact={contact} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )
      }
    </Shown>
  )
}

function FlowRow({ contact }: { contact: Schemas['LiveContact'] }) {
  const word = useWord()
  const called = useCalled()
  const stranger = useStranger()
  const customer = useCustomer(contact.customer_id).data
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" truncate maw={220}>
          <Icon name={kindIcon(contact.channel)} size={15} /> <To to={`/contacts/${contact.id}`}>{customer?.name || stranger(contact)}</To>
        </Text>
      </Table.Td>
      <Table.Td>{word(contact.owner)}</Table.Td>
      <Table.Td>
        {called(contact.flow)}/{nodeName(contact.flow, contact.node, called)}
      </Table.Td>
      <Table.Td>
        <Since at={contact.since} />
      </Table.Td>
      <Table.Td visibleFrom="md">{called(contact.reason)}</Table.Td>
    </Table.Tr>
  )
}

/** One piece of work, and below it, once opened, why it waits or is with whom it is. */
function Row({ work }: { work: Work }) {
  const t = useWords()
  const word = useWord()
  const nameOf = useAgentName()
  const queueTitle = useQueueTitle()
  const called = useCalled()
  const { name } = useWho(work)
  const [open, setOpen] = useState(false)
  const below = useId()
  const since = <Since at={work.state === 'waiting' || work.state === 'offered' ? work.queued_at : (work.accepted_at ?? work.queued_at)} warn={work.state === 'waiting' ? 60 : undefined} />
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <Text size="sm" truncate maw={220}>
            <Icon name={kindIcon(work.kind)} size={15} />{' '}
            {work.contact_id ? <To to={`/contacts/${work.contact_id}`}>{name || t('unknown_customer')}</To> : word(work.kind)}
          </Text>
          <Text size="xs" c="dimmed" hiddenFrom="md" lineClamp={2}>
            {[queueTitle(work.queue), nameOf(work.agent_id), called(work.reason)].filter((each) => each).join(' · ')}
          </Text>
        </Table.Td>
        <Table.Td>
          <Word code={work.state} />
          <Text size="xs" hiddenFrom="md">
            {since}
          </Text>
        </Table.Td>
        <Table.Td visibleFrom="md">{queueTitle(work.queue)}</Table.Td>
        <Table.Td visibleFrom="md">{since}</Table.Td>
        <Table.Td visibleFrom="md">{nameOf(work.agent_id)}</Table.Td>
        <Table.Td maw={240} visibleFrom="md">
          <Text size="sm" truncate>
            {called(work.reason)}
          </Text>
        </Table.Td>
        <Table.Td>
          <div className="actions">
            <Button
              size="compact-sm"
              variant="light"
              aria-expanded={open}
              aria-controls={open ? below : undefined}
              aria-label={`${t(work.state === 'waiting' ? 'why_waiting' : 'why_there')} ${name}`}
              rightSection={<Icon name="down" size={14} />}
              className="disclosure"
              onClick={() => setOpen(!open)}
            >
              {t('why')}
            </Button>
            <Join work={work} />
          </div>
        </Table.Td>
      </Table.Tr>
      {open && (
        <Table.Tr id={below}>
          <Table.Td colSpan={7}>
            <WhyPanel workId={work.id} contactId={work.contact_id} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  )
}
