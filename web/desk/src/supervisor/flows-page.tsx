// The flows as the engine draws them, with how many of today's contacts took each way.
import { Group, ScrollArea, Select, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useAsked } from '../api/asked'
import { ask } from '../api/client'
import { Nothing, Shown } from '../parts/bits'
import { go } from '../router'
import { useLanguage, useWords } from '../words'

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
            <>
              <Group mb="md">
                <Select
                  aria-label={t('flow')}
                  data={all.map((flow) => flow.name)}
                  value={shown.name}
                  allowDeselect={false}
                  onChange={(flow) => flow && go(`/flows/${flow}`)}
                />
                <Text size="sm" c="dimmed">
                  {shown.lines.length > 0 ? `${t('answers')} ${shown.lines.join(', ')} · ` : ''}
                  {t('flow_counts')}
                </Text>
              </Group>
              <Picture name={shown.name} />
            </>
          )
        }}
      </Shown>
    </div>
  )
}

/** The SVG is shown as an image: nothing in it can run or load anything. */
function Picture({ name }: { name: string }) {
  const t = useWords()
  const language = useLanguage()
  const picture = useAsked(
    `flow ${name} ${language}`,
    () => ask('get', '/flows/{name}', { path: { name }, query: { language } }),
    { every: 20_000 },
  )
  const svg = picture.data?.svg
  const [url, setUrl] = useState('')
  useEffect(() => {
    if (!svg) return
    const made = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [svg])
  return (
    <Shown of={picture}>
      {({ branches }) => (
        <ScrollArea type="auto" h="calc(100dvh - 150px)" viewportProps={{ tabIndex: 0, 'aria-label': `${t('flow')} ${name}`, role: 'region' }}>
          {url && <img src={url} alt={`${t('flow')} ${name}`} className="flow" />}
          <ul className="unseen">
            {branches.map((branch) => (
              <li key={`${branch.node} ${branch.exit}`}>
                {branch.node} {branch.exit}: {branch.contacts}
              </li>
            ))}
          </ul>
        </ScrollArea>
      )}
    </Shown>
  )
}
