// Where a customer shall go: a queue, a colleague, or (for calls) a number; at once, or after asking there first.
import { Button, Group, Modal, ScrollArea, SegmentedControl, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useDeed } from '../api/asked'
import type { Work } from '../api/types'
import { consult, reassign, type Target, transfer } from '../deeds'
import { useAgents, useCalled, useQueues, useQueueTitle, useStates } from '../known'
import { Dot, useWord } from '../parts/bits'
import { Icon } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { me } from '../session'
import { useWords } from '../words'

type How = 'transfer' | 'consult' | 'reassign'

export function TransferDialog({ work, how: asked, close }: { work: Work; how: How; close: () => void }) {
  const t = useWords()
  const word = useWord()
  const queueTitle = useQueueTitle()
  const called = useCalled()
  const agents = useAgents().data ?? []
  const queues = useQueues().data ?? []
  const states = useStates(5000).data ?? []
  const [how, setHow] = useState<How>(asked)
  const [to, setTo] = useState<'agent' | 'queue' | 'number'>('agent')
  const [text, setText] = useState('')
  const [busy, run] = useDeed(tellRefusal)
  const call = work.kind === 'call' || work.kind === 'callback'

  const send = (target: Target, name: string) =>
    void run(() => {
      if (how === 'transfer') return transfer(work.id, target)
      return how === 'consult' ? consult(work.id, target) : reassign(work.id, target)
    }).then((done) => {
      if (!done) return
      tell(t(how === 'consult' ? 'asking' : 'transferred_to', { name }))
      close()
    })

  const low = text.trim().toLowerCase()
  const order = ['available', 'on_contact', 'wrap_up', 'offered', 'break', 'not_responding', 'offline']
  const statusOf = (id: string) => states.find((state) => state.id === id)?.status ?? 'offline'
  const people = agents
    .filter((agent) => agent.id !== me()?.agentId && agent.id !== work.agent_id)
    .filter((agent) => `${agent.name} ${agent.email} ${Object.keys(agent.skills).map((skill) => `${skill} ${called(skill)}`).join(' ')}`.toLowerCase().includes(low))
    .sort((a, b) => order.indexOf(statusOf(a.id)) - order.indexOf(statusOf(b.id)) || a.name.localeCompare(b.name))
  const lines = queues.filter((queue) => `${queue.name} ${queueTitle(queue.name)}`.toLowerCase().includes(low))

  return (
    <Modal opened onClose={close} title={t(how === 'reassign' ? 'reassign' : how === 'transfer' ? 'transfer' : 'consult')} size="md">
      <Stack gap="sm">
        {asked !== 'reassign' && call && (
          <SegmentedControl
            value={how}
            onChange={(value) => setHow(value as How)}
            data={[
              { value: 'transfer', label: t('cold') },
              { value: 'consult', label: t('warm') },
            ]}
            aria-label={t('how')}
          />
        )}
        <SegmentedControl
          value={to}
          onChange={(value) => setTo(value as typeof to)}
          aria-label={t('to_whom')}
          data={[
            { value: 'agent', label: t('agent') },
            { value: 'queue', label: t('queue') },
            ...(call && how === 'transfer' ? [{ value: 'number', label: t('number') }] : []),
          ]}
        />
        {to === 'number' ? (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              send({ number: text.trim() }, text.trim())
            }}
          >
            <Group align="flex-end">
              <TextInput label={t('number')} value={text} onChange={(event) => setText(event.currentTarget.value)} type="tel" flex={1} minLength={3} required data-autofocus />
              <Button type="submit" loading={busy}>
                {t('transfer')}
              </Button>
            </Group>
          </form>
        ) : (
          <>
            <TextInput
              placeholder={t('filter')}
              aria-label={t('filter')}
              leftSection={<Icon name="search" size={16} />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              data-autofocus
            />
            <ScrollArea.Autosize mah="45vh" type="auto">
              <ul className="choices">
                {to === 'agent' &&
                  people.map((agent) => (
                    <li key={agent.id}>
                      <UnstyledButton className="row" disabled={busy} onClick={() => send({ agent_id: agent.id }, agent.name)}>
                        <Group justify="space-between" wrap="nowrap">
                          <Text size="sm" fw={600}>
                            {agent.name}
                          </Text>
                          <Text size="xs" c="dimmed">
                            <Dot code={statusOf(agent.id)} /> {word(statusOf(agent.id))}
                          </Text>
                        </Group>
                        <Text size="xs" c="dimmed" truncate>
                          {Object.keys(agent.skills).map(called).join(t('comma'))}
                        </Text>
                      </UnstyledButton>
                    </li>
                  ))}
                {to === 'queue' &&
                  lines.map((queue) => (
                    <li key={queue.name}>
                      <UnstyledButton className="row" disabled={busy} onClick={() => send({ queue: queue.name }, queueTitle(queue.name))}>
                        <Group justify="space-between" wrap="nowrap">
                          <Text size="sm" fw={600}>
                            {queueTitle(queue.name)}
                          </Text>
                          <Text size="xs" c="dimmed">
                            {t('waiting_count', { count: queue.waiting })}
                          </Text>
                        </Group>
                      </UnstyledButton>
                    </li>
                  ))}
              </ul>
            </ScrollArea.Autosize>
          </>
        )}
      </Stack>
    </Modal>
  )
}
