// Agents as they are at work: state and for how long, what they have, and what a supervisor can do about it.
import { ActionIcon, Box, Group, Menu, Table, Text, TextInput, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { touch, useDeed } from '../api/asked'
import type { Agent, AgentState, Presence, Work } from '../api/types'
import { setPresence } from '../deeds'
import { useAgents, useCalled, useQueueTitle, useStates, useWho, useWorks } from '../known'
import { Dot, Shown, Since, To, useWord, Word } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { useReasons, useReasonWord } from '../presence'
import { languageName, useLanguage, useWords } from '../words'
import { Join } from './join'

const ORDER = ['not_responding', 'on_contact', 'offered', 'wrap_up', 'available', 'break', 'offline']

export default function AgentsPage() {
  const t = useWords()
  const called = useCalled()
  const [text, setText] = useState('')
  const agents = useAgents()
  const states = useStates(3000)
  const works = useWorks(3000).data ?? []
  return (
    <div className="page">
      <TextInput mb="md" maw={360} leftSection={<Icon name="search" size={16} />} placeholder={t('filter')} aria-label={t('filter')} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Shown of={{ ...agents, data: states.data && agents.data, error: agents.error ?? states.error }}>
        {(all) => {
          const stateOf = (id: string) => states.data?.find((state) => state.id === id)
          const rank = (id: string) => ORDER.indexOf(stateOf(id)?.status ?? 'offline')
          const shown = all
            .filter((agent) => `${agent.name} ${agent.email} ${Object.keys(agent.skills).map((skill) => `${skill} ${called(skill)}`).join(' ')}`.toLowerCase().includes(text.trim().toLowerCase()))
            .sort((a, b) => rank(a.id) - rank(b.id) || a.name.localeCompare(b.name))
          return (
            <Table.ScrollContainer minWidth={340}>
              <Table highlightOnHover verticalSpacing="sm">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('agent')}</Table.Th>
                    <Table.Th>{t('state')}</Table.Th>
                    <Table.Th visibleFrom="md">{t('work_in_hand')}</Table.Th>
                    <Table.Th visibleFrom="md">{t('skills')}</Table.Th>
                    <Table.Th>
                      <span className="unseen">{t('more')}</span>
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {shown.map((agent) => (
                    <Row key={agent.id} agent={agent} state={stateOf(agent.id)} works={works.filter((work) => work.agent_id === agent.id)} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }}
      </Shown>
    </div>
  )
}

function Row({ agent, state, works }: { agent: Agent; state: AgentState | undefined; works: Work[] }) {
  const t = useWords()
  const word = useWord()
  const language = useLanguage()
  const called = useCalled()
  const reasonWord = useReasonWord()
  const status = state?.status ?? 'offline'
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {agent.name}
        </Text>
        <Text size="xs" c="dimmed">
          {word(agent.role)} · {agent.languages.map((each) => languageName(each, language)).join(t('comma'))}
        </Text>
        <Box hiddenFrom="md">
          {works.map((work) => (
            <Held key={work.id} work={work} />
          ))}
        </Box>
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Dot code={status} />
          <Text size="sm">
            {word(status)}
            {state?.presence === 'break' && state.reason ? ` · ${reasonWord(state.reason)}` : ''}
          </Text>
        </Group>
        <Text size="xs" c="dimmed">
          <InState state={state} works={works} />
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        {works.map((work) => (
          <Held key={work.id} work={work} />
        ))}
        {works.length === 0 && (
          <Text size="sm" c="dimmed">
            –
          </Text>
        )}
      </Table.Td>
      <Table.Td maw={220} visibleFrom="md">
        <Text size="xs" c="dimmed" lineClamp={2}>
          {Object.entries(agent.skills)
            .map(([skill, level]) => `${called(skill)} ${level}`)
            .join(t('comma'))}
        </Text>
      </Table.Td>
      <Table.Td>
        <StateMenu agent={agent} label={t('change_state', { name: agent.name })} />
      </Table.Td>
    </Table.Tr>
  )
}

/** For how long; nothing of who has never been at work (whose state has no version yet). */
function InState({ state, works }: { state: AgentState | undefined; works: Work[] }) {
  if (!state || state.version < 0) return null
  if (state.status === state.presence) return <Since at={state.since} />
  const begun = works.map((work) => work.accepted_at ?? work.queued_at).sort()[0]
  return begun ? <Since at={begun} /> : null
}

function Held({ work }: { work: Work }) {
  const word = useWord()
  const queueTitle = useQueueTitle()
  const { name } = useWho(work)
  return (
    <Group gap={6} wrap="nowrap" justify="space-between">
      <Group gap={6} wrap="nowrap">
        <Icon name={kindIcon(work.kind)} size={15} />
        <Tooltip label={`${word(work.kind)} · ${queueTitle(work.queue)}`}>
          <Text size="sm" truncate miw={80} maw={180}>
            {work.contact_id ? <To to={`/contacts/${work.contact_id}`}>{name || word(work.kind)}</To> : word(work.kind)}
          </Text>
        </Tooltip>
        <Word code={work.state} size="sm" />
      </Group>
      <Join work={work} />
    </Group>
  )
}

function StateMenu({ agent, label }: { agent: Agent; label: string }) {
  const t = useWords()
  const reasons = useReasons()
  const [busy, run] = useDeed(tellRefusal)
  const set = (presence: Presence, reason = '') =>
    void run(() => setPresence(agent.id, presence, reason)).then(() => touch('states'))
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={label} loading={busy}>
          <Icon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Dot code="available" />} onClick={() => set('available')}>
          {t('go_available')}
        </Menu.Item>
        {reasons.slice(0, 4).map((reason) => (
          <Menu.Item key={reason.code} leftSection={<Dot code="break" />} onClick={() => set('break', reason.code)}>
            {t('break')}: {reason.label}
          </Menu.Item>
        ))}
        <Menu.Item leftSection={<Dot code="offline" />} onClick={() => set('offline')}>
          {t('go_offline')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
