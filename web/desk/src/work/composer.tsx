// The box to write in: drafts, canned replies, files, and a sign to the customer that somebody is typing.
import { ActionIcon, Badge, Button, FileButton, Group, Menu, Text, Textarea } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useDeed } from '../api/asked'
import { ask } from '../api/client'
import type { Work } from '../api/types'
import { sendMessage } from '../deeds'
import { keepDraft, readDraft, useDraft } from '../drafts'
import { useContact, useCustomer, useSetup } from '../known'
import { titleIn } from '../names'
import { useLive } from '../live/store'
import { Icon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { me } from '../session'
import { useLanguage, useWords } from '../words'
import { fill, repliesFor, unfill } from './canned'
import { sizeOf, upload, type Uploaded } from './files'
import { EMPTY, RepliesDialog } from './replies-dialog'

const MOST = 1600
const TYPING_EVERY_MS = 3000

/** Tells the customer of a web chat, now and then while keys are pressed; that it fails is no matter. */
function useTyping(contactId: string): () => void {
  const told = useRef(0)
  return () => {
    const now = Date.now()
    if (now - told.current < TYPING_EVERY_MS) return
    told.current = now
    ask('post', '/contacts/{contact_id}/typing', { path: { contact_id: contactId } }).catch(() => undefined)
  }
}

/** What is uploaded and not sent yet, kept as the draft is. */
function useFiles(contactId: string): [Uploaded[], (change: (now: Uploaded[]) => Uploaded[]) => void] {
  const name = `files.${contactId}`
  const read = (text: string) => (text ? (JSON.parse(text) as Uploaded[]) : [])
  const [kept, keep] = useDraft(name)
  const change = (to: (now: Uploaded[]) => Uploaded[]) => {
    const next = to(read(readDraft(name)))
    keep(next.length > 0 ? JSON.stringify(next) : '')
  }
  return [read(kept), change]
}

export function Composer({ work, contactId }: { work: Work; contactId: string }) {
  const t = useWords()
  const language = useLanguage()
  const setup = useSetup().data
  const { data: contact } = useContact(contactId)
  const { data: customer } = useCustomer(contact?.customer_id)
  const [text, setText] = useDraft(`message.${contactId}`)
  const [files, setFiles] = useFiles(contactId)
  const [busy, run] = useDeed(tellRefusal)
  const [sendingUp, runUpload] = useDeed(tellRefusal)
  const [dialog, setDialog] = useState<'list' | 'keep' | null>(null)
  const { link } = useLive()
  const box = useRef<HTMLTextAreaElement>(null)
  const typing = useTyping(contactId)
  const chat = work.who?.channel === 'web'
  useEffect(() => {
    box.current?.focus()
  }, [contactId])

  const speaks = (customer?.language || contact?.language || language).startsWith('zh') ? 'zh' : 'en'
  const replies = repliesFor(setup, work.queue, speaks)
  const values = {
    name: customer?.first_name || customer?.name || work.who?.name || '',
    agent: me()?.name ?? '',
    order: customer?.orders[0]?.number ?? '',
    ticket: customer?.open_tickets[0]?.number ?? contact?.tickets[0] ?? '',
    company: setup ? titleIn(setup.company, speaks) : '',
  }
  const nothing = !text.trim() && files.length === 0

  function send() {
    const said = text.trim()
    if (nothing || busy || link !== 'connected') return
    const ids = files.map((each) => each.id)
    // The key stays with the words until they are sent: a second try cannot send them twice.
    const whole = `${said} ${ids.join(' ')}`.trim()
    const kept = readDraft(`once.${contactId}`)
    const [key, words] = [kept.slice(0, 36), kept.slice(37)]
    const once = words === whole ? key : crypto.randomUUID()
    keepDraft(`once.${contactId}`, `${once} ${whole}`)
    void run(() => sendMessage(contactId, said, once, ids)).then((done) => {
      if (!done) return
      keepDraft(`once.${contactId}`, '')
      setFiles((now) => now.filter((each) => !ids.includes(each.id)))
      if (readDraft(`message.${contactId}`).trim() === said) setText('')
    })
  }

  function add(chosen: File[]) {
    void runUpload(async () => {
      for (const file of chosen) {
        const taken = await upload(contactId, file)
        setFiles((now) => [...now, taken])
      }
    })
  }

  function insert(reply: string) {
    const filled = fill(reply, values)
    setText(text ? `${text.trimEnd()} ${filled}` : filled)
    box.current?.focus()
  }

  const limits = setup?.files
  const room = limits ? limits.most - files.length : 0
  return (
    <div
      className="composer"
      onDragOver={(event) => chat && event.preventDefault()}
      onDrop={(event) => {
        if (!chat || event.dataTransfer.files.length === 0) return
        event.preventDefault()
        add([...event.dataTransfer.files].slice(0, room))
      }}
    >
      {files.length > 0 && (
        <Group gap={6} mb={6} role="list" aria-label={t('files')}>
          {files.map((file) => (
            <Badge
              key={file.id}
              role="listitem"
              variant="light"
              tt="none"
              size="lg"
              rightSection={
                <ActionIcon size="xs" variant="transparent" aria-label={t('remove_identity', { value: file.name })} onClick={() => setFiles((now) => now.filter((each) => each.id !== file.id))}>
                  <Icon name="close" size={12} />
                </ActionIcon>
              }
            >
              {file.name} · {sizeOf(file.size)}
            </Badge>
          ))}
        </Group>
      )}
      <Textarea
        ref={box}
        aria-label={t('write')}
        placeholder={t('write_hint')}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={MOST}
        value={text}
        onChange={(event) => {
          const typed = event.currentTarget.value
          const found = /(?:^|\s)\/(\S+) $/.exec(typed)
          const reply = found && replies.find((each) => each.name === found[1])
          if (reply) setText(typed.slice(0, found.index) + (found.index ? ' ' : '') + fill(reply.text, values))
          else setText(typed)
          if (chat && typed.trim()) typing()
        }}
        onPaste={(event) => {
          if (!chat || event.clipboardData.files.length === 0) return
          event.preventDefault()
          add([...event.clipboardData.files].slice(0, room))
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      <Group justify="space-between" mt={6} gap="xs">
        <Group gap="xs">
          <Menu width={320} position="top-start">
            <Menu.Target>
              <Button size="compact-sm" variant="subtle" leftSection={<Icon name="bolt" size={16} />}>
                {t('canned')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
              {replies.map((reply) => (
                <Menu.Item key={reply.own?.id ?? reply.name} onClick={() => insert(reply.text)}>
                  <Text size="sm" fw={600}>
                    /{reply.name} {reply.own && <Icon name="user" size={12} />}
                  </Text>
                  <Text size="xs" c="dimmed" lineClamp={2}>
                    {fill(reply.text, values)}
                  </Text>
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Item disabled={!text.trim()} leftSection={<Icon name="plus" size={16} />} onClick={() => setDialog('keep')}>
                {t('canned_save')}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="pencil" size={16} />} onClick={() => setDialog('list')}>
                {t('own_replies')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          {chat && limits && limits.bytes > 0 && (
            <FileButton multiple accept={limits.types.join(',')} onChange={(chosen) => add(chosen.slice(0, room))}>
              {(props) => (
                <Button {...props} size="compact-sm" variant="subtle" loading={sendingUp} disabled={room <= 0} leftSection={<Icon name="up" size={16} />}>
                  {t('file')}
                </Button>
              )}
            </FileButton>
          )}
          <Text size="xs" c={text.length > MOST - 100 ? 'red' : 'dimmed'}>
            {text.length > 1200 ? `${text.length}/${MOST}` : text ? t('draft_kept') : ''}
          </Text>
        </Group>
        <ActionIcon size="lg" variant="filled" aria-label={t('send')} disabled={nothing || link !== 'connected'} loading={busy} onClick={send}>
          <Icon name="send" />
        </ActionIcon>
      </Group>
      {dialog && (
        <RepliesDialog
          first={dialog === 'keep' ? { ...EMPTY, language: speaks, queue: '', text: unfill(text, values) } : null}
          close={() => setDialog(null)}
        />
      )}
    </div>
  )
}
