// The flows: which there are and what is wrong with them; one as it is drawn, with how many of today's contacts took each way.
import '../contacts/contacts.css'
import { Alert, Badge, Button, Group, NativeSelect, Paper, Select, Stack, Text } from '@mantine/core'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useAsked, useDeed } from '../api/asked'
import { ask, type Schemas } from '../api/client'
import { wayOf } from '../contacts/visits'
import { titleIn } from '../names'
import { follow, Nothing, Shown, useDates, useWord } from '../parts/bits'
import { Icon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { go, hrefOf, useQuery } from '../router'
import { type Language, languageName, useLanguage, useWords } from '../words'

const FlowPicture = lazy(() => import('../contacts/flow-picture'))

type Flow = Schemas['Flow']

export default function FlowsPage({ name }: { name: string | undefined }) {
  const t = useWords()
  const flows = useAsked('flows', async () => (await ask('get', '/flows')).items)
  return (
    <div className="page">
      <Shown of={flows}>
        {(all) => {
          const shown = all.find((flow) => flow.name === name) ?? [...all].sort((a, b) => b.lines.length - a.lines.length)[0]
          if (!shown) return <Nothing icon="flow">{t('nothing_found')}</Nothing>
          return (
            <Stack>
              <ul className="flow-list" aria-label={t('flows')}>
                {all.map((flow) => (
                  <FlowCard key={flow.name} flow={flow} open={flow === shown} />
                ))}
              </ul>
              <OneFlow key={shown.name} flow={shown} />
            </Stack>
          )
        }}
      </Shown>
    </div>
  )
}

function useTitle(): (flow: Flow) => string {
  const language = useLanguage()
  return (flow) => titleIn(flow.title, language) || flow.name
}

function FlowCard({ flow, open }: { flow: Flow; open: boolean }) {
  const t = useWords()
  const word = useWord()
  const title = useTitle()(flow)
  const to = `/flows/${encodeURIComponent(flow.name)}`
  return (
    <Paper withBorder component="li" data-open={open || undefined}>
      <a href={hrefOf(to)} aria-current={open ? 'page' : undefined} onClick={(event) => follow(event, to)}>
        <Group gap={6} justify="space-between" wrap="nowrap">
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Text>
          <Mistakes errors={flow.errors} warnings={flow.warnings} />
        </Group>
        <Text size="xs" c="dimmed">
          {[flow.name, t('flow_nodes', { count: flow.nodes }), flow.lines.length > 0 ? `${t('answers')} ${flow.lines.map(word).join(t('comma'))}` : t('flow_part')].join(' · ')}
        </Text>
      </a>
    </Paper>
  )
}

function Mistakes({ errors, warnings }: { errors: number; warnings: number }) {
  const t = useWords()
  if (errors === 0 && warnings === 0) {
    return (
      <Badge variant="light" color="green" tt="none" leftSection={<Icon name="check" size={12} />}>
        {t('flow_fine')}
      </Badge>
    )
  }
  return (
    <Badge variant="light" color={errors > 0 ? 'red' : 'orange'} tt="none" leftSection={<Icon name="alert" size={12} />}>
      {[errors > 0 ? t('flow_errors', { count: errors }) : '', warnings > 0 ? t('flow_warnings', { count: warnings }) : ''].filter(Boolean).join(', ')}
    </Badge>
  )
}

function OneFlow({ flow }: { flow: Flow }) {
  const t = useWords()
  const dates = useDates()
  const desk = useLanguage()
  const query = useQuery()
  const digest = query.get('version') ?? ''
  const given = query.get('labels')
  const labels: Language = given === 'en' || given === 'zh' ? given : desk
  const [sought, setSought] = useState<{ name: string; again: number } | null>(null)
  const put = (field: string, value: string) => {
    const next = new URLSearchParams(query)
    if (value) next.set(field, value)
    else next.delete(field)
    go(`/flows/${encodeURIComponent(flow.name)}?${next}`)
  }
  const picture = useAsked(
    `flow ${flow.name} ${labels} ${digest}`,
    () => ask('get', '/flows/{name}', { path: { name: flow.name }, query: { language: labels, ...(digest ? { digest } : {}) } }),
    { every: 20_000 },
  )
  return (
    <Shown of={picture}>
      {(found) => (
        <Stack gap="sm">
          <Group gap="sm" align="end">
            {flow.languages.length > 1 && (
              <NativeSelect
                label={t('flow_labels')}
                value={labels}
                onChange={(event) => put('labels', event.currentTarget.value)}
                data={(['en', 'zh'] as const).filter((each) => flow.languages.some((one) => one.startsWith(each))).map((each) => ({ value: each, label: languageName(each, desk) }))}
              />
            )}
            <Select
              label={t('flow_version')}
              w={300}
              allowDeselect={false}
              value={chosen(found, digest)}
              onChange={(value) => put('version', value ?? '')}
              data={versionsOf(found, t('flow_in_force'), dates.exact)}
            />
            <Button variant="default" leftSection={<Icon name="download" />} onClick={() => keep(found)}>
              SVG
            </Button>
            <Check flow={flow} seek={(name) => setSought({ name, again: Date.now() })} />
          </Group>
          {!found.in_force && (
            <Alert color="orange" icon={<Icon name="alert" />} role="note">
              {t('flow_old')}
            </Alert>
          )}
          <Picture found={found} sought={sought} />
        </Stack>
      )}
    </Shown>
  )
}

/** The versions that were kept, and that in force in any case ('' in the address). */
function versionsOf(found: Schemas['FlowPicture'], inForce: string, exact: (at: string) => string) {
  const [newest, ...older] = found.versions
  const rest = found.in_force || older.some((each) => each.digest === found.digest) || newest?.digest === found.digest ? [] : [{ value: found.digest, label: found.digest.slice(0, 8) }]
  return [
    { value: 'now', label: newest ? `${inForce} · ${exact(newest.since)}` : inForce },
    ...older.map((each) => ({ value: each.digest, label: `${exact(each.since)} · ${each.digest.slice(0, 8)}` })),
    ...rest,
  ]
}

function chosen(found: Schemas['FlowPicture'], digest: string): string {
  return !digest || digest === 'now' || found.in_force ? 'now' : digest
}

function keep(found: Schemas['FlowPicture']): void {
  const url = URL.createObjectURL(new Blob([found.svg], { type: 'image/svg+xml' }))
  Object.assign(document.createElement('a'), { href: url, download: `${found.name}.svg` }).click()
  URL.revokeObjectURL(url)
}

function Picture({ found, sought }: { found: Schemas['FlowPicture']; sought: { name: string; again: number } | null }) {
  const t = useWords()
  const told = JSON.stringify([found.graph, found.branches])
  // What came again and is the same stays the same: the picture is not laid out anew every 20 seconds.
  const [graph, counts] = useMemo(() => [found.graph, new Map(found.branches.map((branch) => [wayOf(branch.node, branch.exit), branch.contacts]))] as const, [told])
  const taken = found.branches.filter((branch) => branch.exit !== '').sort((a, b) => b.contacts - a.contacts)
  return (
    <>
      <Suspense fallback={null}>
        <FlowPicture graph={graph} counts={counts} sought={sought} label={`${t('flow')} ${found.graph.title}`}>
          <Text size="sm" c="dimmed" className="grow">
            {t('flow_counts')}
          </Text>
        </FlowPicture>
      </Suspense>
      <details>
        <summary>{t('flow_table')}</summary>
        {taken.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('flow_nobody')}
          </Text>
        ) : (
          <ol className="path-list">
            {taken.map((branch) => (
              <li key={`${branch.node} ${branch.exit}`} className="flow-taken">
                <b>{branch.contacts.toLocaleString()}</b>
                <span>
                  {branch.node} → {branch.exit}
                </span>
              </li>
            ))}
          </ol>
        )}
      </details>
    </>
  )
}

function Check({ flow, seek }: { flow: Flow; seek: (node: string) => void }) {
  const t = useWords()
  const [found, setFound] = useState<Schemas['FlowCheck'] | null>(null)
  const [busy, run] = useDeed(tellRefusal)
  return (
    <>
      <Button variant="default" leftSection={<Icon name="check" />} loading={busy} onClick={() => void run(async () => setFound(await ask('get', '/flows/{name}/check', { path: { name: flow.name } })))}>
        {t('flow_check')}
      </Button>
      <div role="status" className="flow-findings">
        {found?.findings.length === 0 && (
          <Text size="sm">
            <Icon name="check" size={14} /> {t('flow_checked_fine')}
          </Text>
        )}
        {found && found.findings.length > 0 && (
          <ul className="replay">
            {found.findings.map((finding, index) => (
              <li key={index} data-same={finding.level === 'error' ? 'false' : undefined}>
                <Badge variant="light" color={finding.level === 'error' ? 'red' : 'orange'} tt="none" mr={6}>
                  {finding.level === 'error' ? t('flow_error') : t('flow_warning')}
                </Badge>
                {finding.node && (
                  <button type="button" className="offset" onClick={() => seek(finding.node)}>
                    {finding.node}
                  </button>
                )}{' '}
                {finding.field && <code>{finding.field}</code>} {t('flow_line', { line: finding.line })}: {finding.message}
                <Text size="sm" c="dimmed">
                  {finding.remedy}
                </Text>
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  )
}
