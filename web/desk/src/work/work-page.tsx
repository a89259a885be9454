// One place for several contacts at once: what I have on the left, the one that is open beside it.
import { Badge, Button, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { useEffect } from 'react'
import { useDeed } from '../api/asked'
import type { Work } from '../api/types'
import { takeWork } from '../deeds'
import { useCalled, usePerson, useQueueTitle, useWorks } from '../known'
import { mine, useLive } from '../live/store'
import { Dot, Nothing, Since, Until, useWord } from '../parts/bits'
import { Icon, kindIcon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { usePresence } from '../presence'
import { go } from '../router'
import { me } from '../session'
import { useWords } from '../words'
import { WorkView } from './work-view'

export function WorkPage({ workId }: { workId: string | undefined }) {
  const t = useWords()
  const { desk } = useLive()
  const works = mine(desk)
  const open = works.find((work) => work.id === workId) ?? works.at(-1)

  useEffect(() => {
    if (open && workId !== open.id) go(`/work/${open.id}`, true)
    if (!open && workId && desk.known) go('/work', true)
  }, [open, workId, desk.known])

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || !/^Digit[1-9]$/.test(event.code)) return
      const wanted = works[Number(event.code.slice(5)) - 1]
      if (!wanted) return
      event.preventDefault()
      go(`/work/${wanted.id}`)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  return (
    <div className="work-page">
      <section className="work-list" aria-label={t('my_work')}>
        {works.length > 0 && (
          <ul>
            {works.map((work, index) => (
              <li key={work.id}>
                <Row work={work} index={index} open={work.id === open?.id} />
              </li>
            ))}
          </ul>
        )}
        <InLine />
      </section>
      {open ? <WorkView key={open.id} work={open} /> : <NoWork />}
    </div>
  )
}

function NoWork() {
  const t = useWords()
  const { desk } = useLive()
  const [busy, change] = usePresence(me()?.agentId ?? '')
  const ready = desk.state?.presence === 'available'
  if (!desk.known) return <Nothing icon="desk">{t('loading')}</Nothing>
  return (
    <div className="work-view empty">
      <Nothing
        icon={ready ? 'bolt' : 'desk'}
        more={
          !ready && (
            <Button mt="sm" loading={busy} onClick={() => void change('available')} leftSection={<Icon name="bolt" />}>
              {t('go_available')}
            </Button>
          )
        }
      >
        {ready ? t('waiting_for_work') : t('not_at_work')}
      </Nothing>
    </div>
  )
}

function Row({ work, index, open }: { work: Work; index: number; open: boolean }) {
  const t = useWords()
  const word = useWord()
  const queueTitle = useQueueTitle()
  const called = useCalled()
  const name = usePerson(work)
  const unread = useLive().unread[work.contact_id ?? ''] ?? 0
  return (
    <UnstyledButton
      className="row"
      data-open={open || undefined}
      aria-current={open ? 'true' : undefined}
      onClick={() => go(`/work/${work.id}`)}
    >
      <Group wrap="nowrap" gap="sm" align="flex-start">
        <Icon name={kindIcon(work.kind)} />
        <div className="grow">
          <Group justify="space-between" wrap="nowrap" gap={6}>
            <Text size="sm" fw={600} truncate>
              {name || (work.kind === 'ticket' ? t('ticket') : work.kind === 'consult' ? t('w_consult') : t('unknown_customer'))}
            </Text>
            {unread > 0 ? (
              <Badge size="sm" color="red" circle aria-label={t('unread', { count: unread })}>
                {unread}
              </Badge>
            ) : (
              <Text size="xs" c="dimmed">
                {work.state === 'wrap_up' && work.due_at ? <Until at={work.due_at} /> : <Since at={work.held_at ?? work.accepted_at} />}
              </Text>
            )}
          </Group>
          <Text size="xs" c="dimmed" truncate>
            <Dot code={work.held_at ? 'wrap_up' : work.state} /> {work.held_at ? t('on_hold') : word(work.state)}
            {work.queue ? ` · ${queueTitle(work.queue)}` : ''}
          </Text>
          {work.reason && (
            <Text size="xs" c="dimmed" truncate>
              {called(work.reason)}
            </Text>
          )}
        </div>
        <Text size="xs" c="dimmed" className="number" aria-hidden="true">
          {index + 1}
        </Text>
      </Group>
    </UnstyledButton>
  )
}

/** What waits for anybody, and can be taken unasked. */
function InLine() {
  const t = useWords()
  const { desk } = useLive()
  const { data } = useWorks(10_000)
  const waiting = (data ?? []).filter((work) => work.state === 'waiting').slice(0, 8)
  const status = desk.state?.presence
  if (waiting.length === 0) return null
  return (
    <Stack gap={4} mt="md">
      <Text size="xs" c="dimmed" fw={600} px="sm">
        {t('in_line', { count: (data ?? []).filter((work) => work.state === 'waiting').length })}
      </Text>
      <ul>
        {waiting.map((work) => (
          <li key={work.id}>
            <Waiting work={work} able={status === 'available'} />
          </li>
        ))}
      </ul>
    </Stack>
  )
}

function Waiting({ work, able }: { work: Work; able: boolean }) {
  const t = useWords()
  const word = useWord()
  const queueTitle = useQueueTitle()
  const reason = useCalled()(work.reason)
  const [busy, run] = useDeed(tellRefusal)
  return (
    <Group wrap="nowrap" gap="sm" px="sm" py={4}>
      <Icon name={kindIcon(work.kind)} size={16} />
      <Text size="xs" flex={1} truncate title={reason}>
        {queueTitle(work.queue) || word(work.kind)} · <Since at={work.queued_at} warn={60} />
        {reason ? ` · ${reason}` : ''}
      </Text>
      <Button
        size="compact-xs"
        variant="light"
        loading={busy}
        disabled={!able}
        onClick={() => void run(() => takeWork(work.id)).then((done) => done && go(`/work/${work.id}`))}
      >
        {t('take')}
      </Button>
    </Group>
  )
}
