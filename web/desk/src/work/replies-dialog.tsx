// An agent's own replies: kept on the server, seen by nobody else.
import { ActionIcon, Button, Group, Modal, Select, Stack, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useDeed } from '../api/asked'
import type { OwnReply } from '../api/types'
import { useQueues, useQueueTitle, useSetup } from '../known'
import { Icon } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { languageName, useLanguage, useWords } from '../words'
import { dropReply, keepReply } from './canned'

interface Draft {
  name: string
  language: string
  queue: string
  text: string
  before?: OwnReply
}

export const EMPTY: Draft = { name: '', language: '', queue: '', text: '' }

export function RepliesDialog({ first, close }: { first: Draft | null; close: () => void }) {
  const t = useWords()
  const own = useSetup().data?.own_replies ?? []
  const [draft, setDraft] = useState<Draft | null>(first)
  const [busy, run] = useDeed(tellRefusal)
  return (
    <Modal opened onClose={close} title={t('own_replies')} size="lg">
      {draft ? (
        <Form key={draft.before?.id ?? 'new'} draft={draft} leave={() => setDraft(null)} />
      ) : (
        <Stack gap="xs">
          {own.length === 0 && <Text c="dimmed">{t('no_own_replies')}</Text>}
          <ul className="choices">
            {own.map((reply) => (
              <li key={reply.id}>
                <Group wrap="nowrap" gap="xs">
                  <UnstyledButton className="row" onClick={() => setDraft({ ...reply, before: reply })} aria-label={`${t('edit')} /${reply.name}`}>
                    <Text size="sm" fw={600}>
                      /{reply.name} <Places reply={reply} />
                    </Text>
                    <Text size="sm" c="dimmed" lineClamp={2} dir="auto">
                      {reply.text}
                    </Text>
                  </UnstyledButton>
                  <ActionIcon variant="subtle" color="gray" disabled={busy} aria-label={t('remove_identity', { value: `/${reply.name}` })} onClick={() => void run(() => dropReply(reply))}>
                    <Icon name="close" size={16} />
                  </ActionIcon>
                </Group>
              </li>
            ))}
          </ul>
          <Group justify="flex-end">
            <Button leftSection={<Icon name="plus" />} onClick={() => setDraft(EMPTY)} data-autofocus>
              {t('new_reply')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}

function Places({ reply }: { reply: OwnReply }) {
  const language = useLanguage()
  const queueTitle = useQueueTitle()
  const said = [reply.language && languageName(reply.language, language), reply.queue && queueTitle(reply.queue)].filter(Boolean)
  return (
    <Text span size="xs" c="dimmed" fw={400}>
      {said.join(' · ')}
    </Text>
  )
}

function Form({ draft, leave }: { draft: Draft; leave: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const queues = useQueues().data ?? []
  const queueTitle = useQueueTitle()
  const [fields, setFields] = useState(draft)
  const [busy, run] = useDeed(tellRefusal)
  const set = (changes: Partial<Draft>) => setFields({ ...fields, ...changes })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const { name, queue, text } = fields
        void run(() => keepReply({ name: name.trim(), language: fields.language, queue, text }, draft.before)).then((done) => {
          if (!done) return
          tell(t('saved'))
          leave()
        })
      }}
    >
      <Stack>
        <TextInput
          label={t('canned_name')}
          required
          maxLength={40}
          leftSection="/"
          value={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value.replace(/[\s/]+/g, '-') })}
          data-autofocus
        />
        <Textarea label={t('reply_text')} description={t('reply_variables')} required autosize minRows={3} maxRows={10} maxLength={1600} value={fields.text} onChange={(event) => set({ text: event.currentTarget.value })} />
        <Group grow>
          <Select
            label={t('language')}
            placeholder={t('all')}
            clearable
            data={['en', 'zh'].map((code) => ({ value: code, label: languageName(code, language) }))}
            value={fields.language || null}
            onChange={(code) => set({ language: code ?? '' })}
          />
          <Select
            label={t('queue')}
            placeholder={t('all')}
            clearable
            data={queues.map((each) => ({ value: each.name, label: queueTitle(each.name) }))}
            value={fields.queue || null}
            onChange={(queue) => set({ queue: queue ?? '' })}
          />
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={leave}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
