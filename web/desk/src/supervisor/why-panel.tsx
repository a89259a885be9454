// Why a piece of work waits, or why it is with whom it is: a sentence, then everybody with a reason, then what comes next.
import { Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useAsked } from '../api/asked'
import { ask } from '../api/client'
import { WhyList } from '../contacts/timeline'
import { useQueueTitle } from '../known'
import { Dot, Facts, Shown, Since, useWord } from '../parts/bits'
import { useNow } from '../time'
import { useLanguage, useWords } from '../words'
import { decidedSentence, expectedOf, needsOf, passedOver, reasonOf, stepOf, type Telling, type Why, waitingSentence } from './why-words'

const EVERY_MS = 2500

/** Asked again as long as it is open: every few seconds, and at once when something of it is heard. */
export function WhyPanel({ workId, contactId }: { workId: string; contactId: string | null }) {
  const t = useWords()
  const language = useLanguage()
  const asked = useAsked(
    `work why ${workId} ${language}`,
    () => ask('get', '/works/{work_id}/why', { path: { work_id: workId }, query: { language } }),
    { every: EVERY_MS, on: ['works', 'states', `work:${workId}`] },
  )
  return (
    <div className="why-panel">
      <Shown of={asked}>{(why) => <Told why={why} />}</Shown>
      {contactId && (
        <details>
          <summary>{t('why_all')}</summary>
          <WhyList contactId={contactId} />
        </details>
      )}
    </div>
  )
}

function Told({ why }: { why: Why }) {
  const telling = useTelling(why)
  return why.waiting ? <Waits why={why} waiting={why.waiting} telling={telling} /> : <Went why={why} telling={telling} />
}

function useTelling(why: Why): Telling {
  const titleOf = useQueueTitle()
  return {
    t: useWords(),
    language: useLanguage(),
    nameOf: (agentId) => why.names[agentId] ?? agentId,
    titleOf,
    word: useWord(),
    now: useNow(),
  }
}

function Waits({ why, waiting, telling }: { why: Why; waiting: NonNullable<Why['waiting']>; telling: Telling }) {
  const { t, nameOf, word } = telling
  const names = (ids: string[]) => ids.map(nameOf).join(', ')
  const more = waiting.serving - waiting.agents.length
  return (
    <Stack gap="sm">
      <Text fw={600} data-warn={waiting.online === 0 || undefined} className="why-sentence">
        {waitingSentence(why, waiting, telling)}
      </Text>
      <Facts
        facts={[
          [t('since'), <Since at={why.queued_at} />],
          [t('why_asks'), needsOf(waiting, telling)],
          [t('why_prefers'), Object.entries(why.preferred).map(([skill, weight]) => `${word(skill)} ×${weight}`).join(', ')],
          [t('why_owner'), names(why.owners)],
          [t('why_last_agent'), why.last_agent && nameOf(why.last_agent)],
          [t('why_expected'), expectedOf(waiting, t)],
        ]}
      />
      {waiting.agents.length > 0 && (
        <Lines title={t(why.wanted ? 'why_for' : 'why_agents')}>
          {waiting.agents.map((agent) => (
            <li key={agent.agent_id}>
              <Group gap={6} wrap="nowrap" align="baseline">
                <Dot code={agent.status} />
                <Text size="sm">
                  <b>{agent.name}</b> {reasonOf(agent, waiting, telling)}
                </Text>
              </Group>
            </li>
          ))}
          {more > 0 && <li>{t('why_more', { count: more })}</li>}
        </Lines>
      )}
      <Lines title={t('why_next')}>
        {waiting.next.length === 0 && <li>{t('why_next_none')}</li>}
        {waiting.next.map((step) => (
          <li key={`${step.kind} ${step.at} ${step.agent_id} ${step.queue}`}>{stepOf(step, telling)}</li>
        ))}
      </Lines>
    </Stack>
  )
}

function Went({ why, telling }: { why: Why; telling: Telling }) {
  const { t } = telling
  const passed = passedOver(why, telling)
  return (
    <Stack gap="sm">
      <Text fw={600} className="why-sentence">
        {decidedSentence(why, telling) || t('why_undecided')}
      </Text>
      {passed.length > 0 && (
        <Lines title={t('why_passed_over')}>
          {passed.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </Lines>
      )}
    </Stack>
  )
}

function Lines({ title, children }: { title: string; children: ReactNode }) {
  const name = useId()
  return (
    <div>
      <Text size="sm" c="dimmed" id={name}>
        {title}
      </Text>
      <ul aria-labelledby={name}>{children}</ul>
    </div>
  )
}
