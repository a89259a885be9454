// After the conversation: what came of it, a note, and how long one may take for it.
import { Autocomplete, Button, Group, Progress, Select, Text, Textarea } from '@mantine/core'
import { useDeed } from '../api/asked'
import type { Work } from '../api/types'
import { wrapUp } from '../deeds'
import { keepDraft, useDraft } from '../drafts'
import { useSetup } from '../known'
import { titleIn } from '../names'
import { Until } from '../parts/bits'
import { Icon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { useNow } from '../time'
import { useLanguage, useWords } from '../words'

export function WrapUp({ work }: { work: Work }) {
  const t = useWords()
  const language = useLanguage()
  const setup = useSetup().data
  const [disposition, setDisposition] = useDraft(`disposition.${work.id}`)
  const [note, setNote] = useDraft(`wrap-up.${work.id}`)
  const [busy, run] = useDeed(tellRefusal)
  const options = (setup?.dispositions ?? [])
    .filter((each) => each.queues.length === 0 || each.queues.includes(work.queue))
    .map((each) => ({ code: each.code, label: titleIn(each.title, language) }))
  const finish = () =>
    void run(() =>
      wrapUp(work.id, options.find((each) => each.label === disposition)?.code ?? disposition.trim(), note),
    ).then((done) => {
      if (!done) return
      keepDraft(`disposition.${work.id}`, '')
      keepDraft(`wrap-up.${work.id}`, '')
    })
  return (
    <form
      className="wrap-up"
      aria-label={t('w_wrap_up')}
      onSubmit={(event) => {
        event.preventDefault()
        finish()
      }}
    >
      <Group justify="space-between">
        <Text fw={600}>{t('wrap_up_hint')}</Text>
        {work.due_at && (
          <Text size="sm" role="timer">
            <Icon name="clock" size={14} /> <Until at={work.due_at} />
          </Text>
        )}
      </Group>
      {work.due_at && <Limit dueAt={work.due_at} />}
      {setup?.other_dispositions === false ? (
        <Select
          label={t('disposition')}
          data={options.map((each) => each.label)}
          value={options.some((each) => each.label === disposition) ? disposition : null}
          onChange={(chosen) => setDisposition(chosen ?? '')}
          searchable
          data-autofocus
        />
      ) : (
        <Autocomplete
          label={t('disposition')}
          placeholder={t('disposition_hint')}
          data={options.map((each) => each.label)}
          value={disposition}
          onChange={setDisposition}
          maxLength={80}
          data-autofocus
        />
      )}
      <Textarea
        label={t('note')}
        value={note}
        autosize
        minRows={2}
        maxRows={8}
        onChange={(event) => setNote(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) finish()
        }}
      />
      <Group justify="flex-end">
        <Button type="submit" loading={busy} leftSection={<Icon name="check" />}>
          {t('finish')}
        </Button>
      </Group>
    </form>
  )
}

/** How much of the time is gone; the whole of it is what was left when it was first seen here. */
const WHOLE = new Map<string, number>()

function Limit({ dueAt }: { dueAt: string }) {
  const left = Date.parse(dueAt) - useNow()
  const whole = WHOLE.get(dueAt) ?? left
  if (!WHOLE.has(dueAt)) WHOLE.set(dueAt, left)
  const t = useWords()
  return <Progress size="xs" value={(100 * Math.max(0, left)) / Math.max(1, whole)} color={left < 10_000 ? 'red' : 'violet'} aria-label={t('time_left')} />
}
