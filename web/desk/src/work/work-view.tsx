// One piece of work: what can be done with it, the conversation, the note, and beside it the customer.
import { Badge, Button, Group, Tabs, Text, Textarea, Title, Tooltip } from '@mantine/core'
import { useDeed } from '../api/asked'
import type { Work } from '../api/types'
import { useDraft } from '../drafts'
import { noteContact } from '../deeds'
import { useAgentName, useCalled, useContact, usePerson, useQueueTitle, useWho } from '../known'
import { CustomerCard } from '../customers/customer-card'
import { TimelineList, WhyList } from '../contacts/timeline'
import { Since, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { TicketView } from '../tickets/ticket-view'
import { useWords } from '../words'
import { CallControls, Consult } from './call-controls'
import { MoreActions } from './more-actions'
import { ScreenPop, Why } from './screen-pop'
import { Thread } from './thread'
import { WrapUp } from './wrap-up'

export function WorkView({ work }: { work: Work }) {
  const isTicket = work.kind === 'ticket'
  return (
    <>
      <section className="work-view" aria-labelledby={`work-${work.id}`}>
        <Head work={work} />
        {work.state === 'wrap_up' && <WrapUp work={work} />}
        {isTicket && work.ticket_id ? <TicketView ticket={work.ticket_id} /> : <Middle work={work} />}
      </section>
      {!isTicket && <Side work={work} />}
    </>
  )
}

function Head({ work }: { work: Work }) {
  const t = useWords()
  const word = useWord()
  const queueTitle = useQueueTitle()
  const name = usePerson(work)
  const tier = work.who?.tier
  const speaks = work.state === 'active' || work.state === 'connecting'
  return (
    <header className="work-head">
      <Group justify="space-between" gap="sm">
        <Group gap="sm" wrap="nowrap">
          <Icon name={kindIcon(work.kind)} size={22} />
          <div>
            <Title order={2} size="h4" id={`work-${work.id}`}>
              {name || (work.kind === 'ticket' ? t('ticket') : t('unknown_customer'))}
            </Title>
            <Text size="xs" c="dimmed">
              {word(work.kind)}
              {work.queue ? ` · ${queueTitle(work.queue)}` : ''} · {work.held_at ? t('on_hold') : word(work.state)}{' '}
              <Since at={work.held_at ?? work.accepted_at ?? work.queued_at} />
            </Text>
          </div>
          {tier && tier !== 'standard' && <Word code={tier} />}
          {work.held_at && (
            <Badge color="yellow" variant="light" tt="none">
              {t('on_hold')}
            </Badge>
          )}
        </Group>
        {work.state === 'connecting' && (
          <Badge color="cyan" variant="light" tt="none" size="lg">
            {t('connecting_now')}
          </Badge>
        )}
        {speaks && work.kind !== 'ticket' && <MoreActions work={work} />}
      </Group>
      {speaks && work.kind !== 'ticket' && (work.kind === 'chat' || work.kind === 'text' ? <Consult work={work} /> : <CallControls work={work} />)}
    </header>
  )
}

function Middle({ work }: { work: Work }) {
  const t = useWords()
  const { data: contact } = useContact(work.contact_id)
  const written = work.kind === 'chat' || work.kind === 'text'
  return (
    <>
      {contact && (
        <div className="work-why">
          <Why contact={contact} work={work} brief={written} />
        </div>
      )}
      {written && work.contact_id && <Thread work={work} contactId={work.contact_id} />}
      {!written && work.contact_id && (
        <div className="work-body" tabIndex={0} role="region" aria-label={t('what_happens')}>
          <Text size="sm" fw={600} mb={4}>
            {t('what_happens')}
          </Text>
          <TimelineList contactId={work.contact_id} live />
        </div>
      )}
      {work.contact_id && <NoteBox contactId={work.contact_id} />}
    </>
  )
}

export function NoteBox({ contactId }: { contactId: string }) {
  const t = useWords()
  const [text, setText] = useDraft(`note.${contactId}`)
  const [busy, run] = useDeed(tellRefusal)
  const save = () =>
    void run(() => noteContact(contactId, text)).then((done) => {
      if (!done) return
      setText('')
      tell(t('note_kept'))
    })
  return (
    <div className="note">
      <Textarea
        aria-label={t('note')}
        placeholder={t('note_hint')}
        autosize
        minRows={1}
        maxRows={6}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        leftSection={<Icon name="pencil" size={16} />}
        flex={1}
      />
      <Tooltip label={t('note_only_us')}>
        <Button variant="light" disabled={!text.trim()} loading={busy} onClick={save}>
          {t('note_save')}
        </Button>
      </Tooltip>
    </div>
  )
}

function Side({ work }: { work: Work }) {
  const t = useWords()
  const { contact, customer } = useWho(work)
  return (
    <aside className="side" aria-label={t('about_customer')}>
      <Tabs defaultValue="customer" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="customer">{t('customer')}</Tabs.Tab>
          {(work.kind === 'chat' || work.kind === 'text') && <Tabs.Tab value="timeline">{t('timeline')}</Tabs.Tab>}
          <Tabs.Tab value="why">{t('why')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="customer" p="sm">
          {contact && <CustomerCard contact={contact} customerId={customer?.id ?? contact.customer_id} />}
          {work.kind === 'consult' && <ScreenPop work={work} />}
          {!contact && !work.contact_id && <AskedBy work={work} />}
        </Tabs.Panel>
        <Tabs.Panel value="timeline" p="sm">
          {work.contact_id && <TimelineList contactId={work.contact_id} />}
        </Tabs.Panel>
        <Tabs.Panel value="why" p="sm">
          {work.contact_id && <WhyList contactId={work.contact_id} />}
        </Tabs.Panel>
      </Tabs>
    </aside>
  )
}

function AskedBy({ work }: { work: Work }) {
  const nameOf = useAgentName()
  const called = useCalled()
  return <Text size="sm">{work.wanted ? nameOf(work.wanted) : called(work.reason)}</Text>
}
