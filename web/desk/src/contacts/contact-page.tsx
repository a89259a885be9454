// One contact of the log: its facts, timeline, conversation, recordings with their words, and the why.
import { Badge, Group, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core'
import { useAgentName, useContact, useCustomer, useMessages, useQueueTitle, addressOf } from '../known'
import type { ContactDetail } from '../api/types'
import { Facts, Nothing, Shown, To, useDates, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { may } from '../session'
import { clockOf } from '../time'
import { languageName, useLanguage, useWords } from '../words'
import { FromBot } from '../work/screen-pop'
import { Messages } from '../work/thread'
import { NoteBox } from '../work/work-view'
import { TimelineList, WhyList } from './timeline'

export default function ContactPage({ contactId }: { contactId: string }) {
  return (
    <div className="page">
      <Shown of={useContact(contactId)}>{(contact) => <Detail contact={contact} />}</Shown>
    </div>
  )
}

function Detail({ contact }: { contact: ContactDetail }) {
  const t = useWords()
  const word = useWord()
  const language = useLanguage()
  const dates = useDates()
  const nameOf = useAgentName()
  const queueTitle = useQueueTitle()
  const customer = useCustomer(contact.customer_id).data
  const written = ['sms', 'whatsapp', 'web', 'console_chat'].includes(contact.channel)
  const lasted = contact.ended_at ? Date.parse(contact.ended_at) - Date.parse(contact.started_at) : null
  return (
    <Stack>
      <Group gap="sm">
        <Icon name={kindIcon(contact.channel)} size={24} />
        <Title order={2} size="h3">
          {customer ? <To to={`/customers/${customer.id}`}>{customer.name || addressOf(contact)}</To> : addressOf(contact) || t('withheld')}
        </Title>
        <Word code={contact.state} />
        {contact.outcome && <Word code={contact.outcome} />}
        {contact.tags.map((tag) => (
          <Badge key={tag} variant="outline" color="gray" tt="none">
            {tag}
          </Badge>
        ))}
      </Group>
      <SimpleGrid cols={{ base: 1, md: 3 }} spacing="lg">
        <Stack gap="md">
          <Facts
            facts={[
              [t('channel'), word(contact.channel)],
              [t('from'), contact.from_address],
              [t('to'), contact.to_address],
              [t('began'), dates.exact(contact.started_at)],
              [t('lasted'), lasted === null ? '' : clockOf(lasted)],
              [t('queue'), queueTitle(contact.queue)],
              [t('agent'), nameOf(contact.agent_id)],
              [t('language'), languageName(contact.language, language)],
              [t('flow'), contact.flow],
              [t('reason'), contact.reason],
              [t('end_reason'), word(contact.end_reason)],
            ]}
          />
          {contact.tickets.length > 0 && (
            <Stack gap={4}>
              <Text fw={600} size="sm">
                {t('tickets')}
              </Text>
              {contact.tickets.map((number) => (
                <To key={number} to={`/tickets/${number}`} size="sm">
                  {number}
                </To>
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
        <Tabs defaultValue={written ? 'conversation' : 'timeline'} keepMounted={false} className="span-2">
          <Tabs.List>
            <Tabs.Tab value="timeline">{t('timeline')}</Tabs.Tab>
            {written && <Tabs.Tab value="conversation">{t('conversation')}</Tabs.Tab>}
            {contact.recordings.length > 0 && <Tabs.Tab value="recordings">{t('recordings')}</Tabs.Tab>}
            <Tabs.Tab value="why">{t('why')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="timeline" pt="sm">
            <TimelineList contactId={contact.id} />
          </Tabs.Panel>
          <Tabs.Panel value="conversation" pt="sm">
            <Conversation contactId={contact.id} />
          </Tabs.Panel>
          <Tabs.Panel value="recordings" pt="sm">
            {contact.recordings.map((recording) => (
              <Stack gap={4} key={recording.id} mb="md">
                <Text size="sm" fw={600}>
                  {word(recording.purpose)} · {clockOf(recording.seconds * 1000)} · {word(recording.status)}
                </Text>
                {recording.transcript && (
                  <Text size="sm" className="quote">
                    {recording.transcript}
                  </Text>
                )}
              </Stack>
            ))}
          </Tabs.Panel>
          <Tabs.Panel value="why" pt="sm">
            <WhyList contactId={contact.id} />
          </Tabs.Panel>
        </Tabs>
      </SimpleGrid>
      {may('agent') && <NoteBox contactId={contact.id} />}
    </Stack>
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
