// How everything stands, for a screen on the wall: who waits, today against yesterday, the day's course, each queue.
import { Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { useAsked } from '../api/asked'
import { ask, type Schemas } from '../api/client'
import { titleIn } from '../names'
import { Dot, Shown, useWord } from '../parts/bits'
import { clockOf } from '../time'
import { useLanguage, useWords } from '../words'
import { DayChart } from './day-chart'

type Board = Schemas['Wallboard']

const STATUSES = ['available', 'offered', 'on_contact', 'wrap_up', 'break', 'not_responding', 'offline']
const EVERY_MS = 3000
const LONG_SECONDS = 60

export default function Wallboard() {
  const asked = useAsked('wallboard', () => ask('get', '/wallboard'), { every: EVERY_MS })
  return (
    <div className="page">
      <Shown of={asked}>{(board) => <Whole board={board} />}</Shown>
    </div>
  )
}

export const percent = (part: number | null) => (part === null ? '–' : `${Math.round(part * 100)} %`)
const seconds = (count: number | null) => (count === null ? '–' : clockOf(count * 1000))

function Whole({ board }: { board: Board }) {
  const t = useWords()
  const { today, yesterday } = board
  const ready = board.agents.available ?? 0
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} mb="md" spacing="sm">
        <Figure
          name={t('waiting_now')}
          value={String(board.waiting)}
          more={board.ringing ? t('ringing_count', { count: board.ringing }) : ''}
          warn={board.waiting > 0 && ready === 0}
        />
        <Figure name={t('longest_wait')} value={seconds(board.longest_wait)} warn={board.longest_wait > LONG_SECONDS} />
        <Figure name={t('service_level')} value={percent(today.service_level)} more={`${t('yesterday')} ${percent(yesterday.service_level)}`} />
        <Figure name={t('abandonment')} value={percent(today.abandonment)} more={`${t('yesterday')} ${percent(yesterday.abandonment)}`} />
        <Figure name={t('came_today')} value={String(today.offered)} more={`${t('yesterday')} ${yesterday.offered}`} />
        <Figure name={t('mean_wait')} value={seconds(today.mean_wait)} more={`${t('yesterday')} ${seconds(yesterday.mean_wait)}`} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Stack gap="md">
          <Paper withBorder p="md">
            <DayChart steps={board.steps} day={board.day} />
          </Paper>
          <Paper withBorder p="md">
            <Title order={2} size="h5" mb="sm">
              {t('agents')}
            </Title>
            <Agents counts={board.agents} />
          </Paper>
        </Stack>
        <Paper withBorder p="md">
          <Title order={2} size="h5" mb="sm">
            {t('queues')}
          </Title>
          <Queues queues={board.queues} />
        </Paper>
      </SimpleGrid>
    </>
  )
}

function Figure({ name, value, more = '', warn = false }: { name: string; value: string; more?: string; warn?: boolean }) {
  return (
    <Paper withBorder p="sm" className="figure" data-warn={warn || undefined}>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text fz={30} fw={700} lh={1.2}>
        {value}
      </Text>
      <Text size="xs" c="dimmed" mih={18}>
        {more}
      </Text>
    </Paper>
  )
}

function Queues({ queues }: { queues: Board['queues'] }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <Table.ScrollContainer minWidth={460} scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': t('queues') } }}>
      <Table horizontalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('queue')}</Table.Th>
            <Table.Th ta="right">{t('waiting_now')}</Table.Th>
            <Table.Th ta="right">{t('longest_wait')}</Table.Th>
            <Table.Th ta="right">{t('came_today')}</Table.Th>
            <Table.Th ta="right">{t('service_level')}</Table.Th>
            <Table.Th ta="right">{t('abandonment')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {queues.map((queue) => {
            const level = queue.today.service_level
            return (
              <Table.Tr key={queue.queue}>
                <Table.Td>
                  {titleIn(queue.title, language) || queue.queue}
                  <Unserved queue={queue} />
                </Table.Td>
                <Table.Td ta="right" fw={queue.waiting ? 700 : 400}>
                  {queue.waiting}
                  {queue.ringing ? ` + ${queue.ringing}` : ''}
                </Table.Td>
                <Table.Td ta="right" className="clock" data-late={queue.longest_wait > LONG_SECONDS || undefined}>
                  {queue.longest_wait ? seconds(queue.longest_wait) : '–'}
                </Table.Td>
                <Table.Td ta="right">{queue.today.offered}</Table.Td>
                <Table.Td
                  ta="right"
                  className="clock"
                  data-late={(level !== null && level < queue.target) || undefined}
                  title={t('target', { part: percent(queue.target), seconds: queue.target_seconds })}
                >
                  {percent(level)}
                </Table.Td>
                <Table.Td ta="right">{percent(queue.today.abandonment)}</Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** What no figure says: that whoever waits here waits for nobody. */
function Unserved({ queue }: { queue: Board['queues'][number] }) {
  const t = useWords()
  if (queue.ready > 0 || (queue.online > 0 && queue.waiting === 0)) return null
  const key = queue.serving === 0 ? 'board_unserved' : queue.online === 0 ? 'board_nobody_online' : 'board_nobody_available'
  return (
    <Text size="xs" className="unserved" data-warn={queue.waiting > 0 || undefined}>
      {t(key)}
    </Text>
  )
}

function Agents({ counts }: { counts: Record<string, number> }) {
  const word = useWord()
  const shown = STATUSES.filter((status) => counts[status])
  return (
    <Stack gap="xs">
      <div className="bar" role="img" aria-label={shown.map((status) => `${word(status)} ${counts[status]}`).join(', ')}>
        {shown.map((status) => (
          <span key={status} data-status={status} style={{ flexGrow: counts[status] }} />
        ))}
      </div>
      <Group gap="md">
        {shown.map((status) => (
          <Text size="sm" key={status}>
            <Dot code={status} /> {word(status)} <b>{counts[status]}</b>
          </Text>
        ))}
      </Group>
    </Stack>
  )
}
