// A contact's way drawn through its flow, the same as a list, and whether it comes out the same again.
import { Alert, Badge, Button, Group, SegmentedControl, Select, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useAsked, useDeed } from '../api/asked'
import { ask, type Refusal, type Schemas } from '../api/client'
import type { ContactDetail } from '../api/types'
import { useCalled } from '../known'
import { Nothing, Shown, Trouble, useDates } from '../parts/bits'
import { Icon } from '../parts/icons'
import { may } from '../session'
import { clockOf } from '../time'
import { useLanguage, useWords } from '../words'
import { nodeName, useWay } from '../work/path'
import { marksOf, onlyPassed, type Visit, visitsOf } from './visits'

const FlowPicture = lazy(() => import('./flow-picture'))

export default function Way({ contact }: { contact: ContactDetail }) {
  const language = useLanguage()
  const path = useAsked(
    `path ${contact.id} ${language}`,
    () => ask('get', '/contacts/{contact_id}/path', { path: { contact_id: contact.id }, query: { language } }),
    { on: [`contact:${contact.id}`] },
  )
  return (
    <Stack>
      <Shown of={path}>{(found) => <Drawn path={found} />}</Shown>
      {may('supervisor') && <Replay contactId={contact.id} />}
    </Stack>
  )
}

function Drawn({ path }: { path: Schemas['ContactPath'] }) {
  const t = useWords()
  const visits = useMemo(() => visitsOf(path.steps), [path])
  const [whole, setWhole] = useState(() => !matchMedia('(max-width: 48em)').matches)
  const [flow, setFlow] = useState('')
  const [sought, setSought] = useState<{ name: string; again: number } | null>(null)
  const graph = path.flows.find((each) => each.name === flow) ?? path.flows[0]
  const marks = useMemo(() => marksOf(visits, graph?.name ?? ''), [visits, graph])
  const drawn = useMemo(() => graph && (whole ? graph : onlyPassed(graph, marks)), [graph, marks, whole])
  if (visits.length === 0) return <Nothing icon="flow">{t('way_none')}</Nothing>
  return (
    <>
      {!path.kept && (
        <Alert color="orange" icon={<Icon name="alert" />} role="note">
          {t('way_not_kept')}
        </Alert>
      )}
      {drawn && drawn.nodes.length > 0 && (
        <Suspense fallback={null}>
          <FlowPicture graph={drawn} marks={marks} sought={sought} label={t('way_picture', { flow: drawn.title })}>
            {path.flows.length > 1 && (
              <Select
                size="sm"
                aria-label={t('flow')}
                data={path.flows.map((each) => ({ value: each.name, label: each.title }))}
                value={graph?.name ?? null}
                allowDeselect={false}
                onChange={(name) => name && setFlow(name)}
              />
            )}
            <SegmentedControl
              size="sm"
              aria-label={t('way_shown')}
              value={whole ? 'whole' : 'passed'}
              onChange={(value) => setWhole(value === 'whole')}
              data={[
                { value: 'whole', label: t('way_whole') },
                { value: 'passed', label: t('way_passed') },
              ]}
            />
          </FlowPicture>
        </Suspense>
      )}
      <Title order={3} size="h5">
        {t('way_list')}
      </Title>
      <Visits
        visits={visits}
        go={(visit) => {
          setFlow(visit.flow)
          setSought({ name: visit.node, again: visit.number })
        }}
      />
    </>
  )
}

function Visits({ visits, go }: { visits: Visit[]; go: (visit: Visit) => void }) {
  const t = useWords()
  const dates = useDates()
  const called = useCalled()
  const way = useWay()
  const several = new Set(visits.map((visit) => visit.flow)).size > 1
  return (
    <ol className="path-list">
      {visits.map((visit) => (
        <li key={visit.number}>
          <span className="flow-number">{visit.number}</span>
          <time className="clock" dateTime={visit.at} title={dates.exact(visit.at)}>
            {clockOf(visit.offset * 1000)}
          </time>
          <span>
            <button
              type="button"
              className="offset"
              title={`${visit.flow}/${visit.node}`}
              aria-label={t('way_show', { node: nodeName(visit.flow, visit.node, called) })}
              onClick={() => go(visit)}
            >
              {several && `${called(visit.flow)} / `}
              {nodeName(visit.flow, visit.node, called)}
            </button>{' '}
            {visit.exit && visit.exit !== 'next' && `→ ${way(visit.exit)}`}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** Its journal through its version of the flow once more: an audit that what is told is what happened. */
function Replay({ contactId }: { contactId: string }) {
  const t = useWords()
  const [found, setFound] = useState<Schemas['Replay'] | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [busy, run] = useDeed(setRefusal)
  const replay = () => {
    setRefusal(null)
    void run(async () => setFound(await ask('get', '/contacts/{contact_id}/replay', { path: { contact_id: contactId } })))
  }
  const different = found?.turns.filter((turn) => !turn.same) ?? []
  return (
    <Stack gap="xs" component="section" aria-label={t('replay')}>
      <Group>
        <Button size="sm" variant="default" leftSection={<Icon name="back10" size={16} />} loading={busy} onClick={replay}>
          {t('replay')}
        </Button>
        <Text size="sm" c="dimmed" className="grow">
          {t('replay_hint')}
        </Text>
      </Group>
      <div role="status">
        {found && (
          <Group gap="xs" mb="xs">
            <Badge variant="light" color={found.same ? 'green' : 'red'} tt="none" leftSection={<Icon name={found.same ? 'check' : 'alert'} size={12} />}>
              {found.same ? t('replay_same') : t('replay_different', { count: different.length })}
            </Badge>
            <Text size="xs" c="dimmed">
              {t('replay_turns', { count: found.turns.length, digest: found.digest.slice(0, 8) })}
              {found.turns.some((turn) => turn.skipped) && ` ${t('replay_skipped', { count: found.turns.filter((turn) => turn.skipped).length })}`}
            </Text>
          </Group>
        )}
      </div>
      {refusal && <Trouble refusal={refusal} again={replay} />}
      {different.length > 0 && (
        <ol className="replay">
          {different.map((turn) => (
            <li key={turn.turn} data-same="false">
              <Text size="sm" fw={600}>
                {t('replay_turn', { turn: turn.turn })}
              </Text>
              <Steps label={t('replay_was')} steps={turn.recorded} other={turn.replayed} />
              <Steps label={t('replay_now')} steps={turn.replayed} other={turn.recorded} />
            </li>
          ))}
        </ol>
      )}
    </Stack>
  )
}

/** Steps in a row; from the first that is another in `other` on they are printed bold. */
function Steps({ label, steps, other }: { label: string; steps: Schemas['ReplayStep'][]; other: Schemas['ReplayStep'][] }) {
  const same = (index: number) => JSON.stringify(steps[index]) === JSON.stringify(other[index])
  const first = steps.findIndex((_, index) => !same(index))
  return (
    <div>
      <Text span size="sm" c="dimmed">
        {label}:{' '}
      </Text>
      {steps.length === 0 && '–'}
      {steps.map((step, index) => (
        <span key={index}>
          {index > 0 && ' → '}
          <span style={first >= 0 && index >= first ? { fontWeight: 700, textDecoration: 'underline' } : undefined}>
            {step.node}
            {step.exit && ` (${step.exit})`}
          </span>
        </span>
      ))}
      {first >= 0 && <VisuallyHidden>!</VisuallyHidden>}
    </div>
  )
}
