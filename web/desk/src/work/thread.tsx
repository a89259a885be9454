// The written conversation of a contact, over whatever channel, and the box to write in.
import { ActionIcon, Badge, Button, Group, Menu, Text, Textarea, Tooltip } from '@mantine/core'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useDeed } from '../api/asked'
import type { Message, Work } from '../api/types'
import { sendMessage } from '../deeds'
import { keepDraft, readDraft, useDraft } from '../drafts'
import { useAgentName, useContact, useCustomer, useMessages } from '../known'
import { markRead, useLive } from '../live/store'
import { Shown, useDates, useWord } from '../parts/bits'
import { Icon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { me } from '../session'
import { useLanguage, useWords } from '../words'
import { cannedReplies, fill, type Reply, saveReply } from './canned'

const MOST = 1600

export function Thread({ work, contactId }: { work: Work; contactId: string }) {
  const asked = useMessages(contactId)
  const unread = useLive().unread[contactId] ?? 0
  useEffect(() => {
    if (!document.hidden) markRead(contactId)
  }, [contactId, unread])
  return (
    <>
      <Shown of={asked}>{(messages) => <Messages messages={messages} />}</Shown>
      {work.state === 'active' && <Composer contactId={contactId} />}
    </>
  )
}

export function Messages({ messages }: { messages: Message[] }) {
  const t = useWords()
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const last = messages.at(-1)?.id
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }, [last])
  useEffect(() => {
    const here = box.current
    if (!here) return
    // What is beside it comes later and takes room: the last words stay in sight.
    const observer = new ResizeObserver(() => {
      if (atEnd.current) here.scrollTop = here.scrollHeight
    })
    observer.observe(here)
    return () => observer.disconnect()
  }, [])
  const scrolled = () => {
    const here = box.current
    if (here) atEnd.current = here.scrollHeight - here.scrollTop - here.clientHeight < 40
  }
  return (
    <div ref={box} onScroll={scrolled} className="thread" role="log" aria-live="polite" aria-label={t('conversation')} tabIndex={0}>
      {messages.length === 0 && (
        <Text c="dimmed" ta="center" size="sm" py="lg">
          {t('no_messages')}
        </Text>
      )}
      {messages.map((message) => (
        <Bubble key={message.id} message={message} />
      ))}
    </div>
  )
}

function Bubble({ message }: { message: Message }) {
  const t = useWords()
  const dates = useDates()
  const nameOf = useAgentName()
  const word = useWord()
  const author =
    message.author === 'agent'
      ? message.author_id === me()?.agentId
        ? t('you')
        : nameOf(message.author_id) || word('agent')
      : word(message.author)
  return (
    <div className="bubble" data-from={message.author}>
      <Text size="xs" c="dimmed" className="meta">
        {author} · <time dateTime={message.at}>{dates.short(message.at)}</time>
        {message.direction === 'outbound' && <Mark message={message} />}
      </Text>
      <div className="words" dir="auto">
        {message.text}
        {message.media.map((file) => (
          <Badge key={file.url} variant="light" tt="none" mt={4}>
            {file.content_type}
          </Badge>
        ))}
      </div>
      {message.error && (
        <Text size="xs" c="red">
          {message.error}
        </Text>
      )}
    </div>
  )
}

function Mark({ message }: { message: Message }) {
  const word = useWord()
  const failed = ['failed', 'undelivered', 'blocked'].includes(message.status)
  const name = failed ? 'alert' : message.status === 'delivered' || message.status === 'read' ? 'checks' : message.status === 'queued' ? 'clock' : 'check'
  return (
    <Tooltip label={word(message.status)}>
      <span className="mark" data-status={message.status} role="img" aria-label={word(message.status)}>
        <Icon name={name} size={13} />
      </span>
    </Tooltip>
  )
}

function Composer({ contactId }: { contactId: string }) {
  const t = useWords()
  const language = useLanguage()
  const { data: contact } = useContact(contactId)
  const { data: customer } = useCustomer(contact?.customer_id)
  const [text, setText] = useDraft(`message.${contactId}`)
  const [busy, run] = useDeed(tellRefusal)
  const { link } = useLive()
  const box = useRef<HTMLTextAreaElement>(null)
  const [replies, setReplies] = useState(() => cannedReplies())
  useEffect(() => {
    box.current?.focus()
  }, [contactId])

  const speaks = (customer?.language || contact?.language || language).startsWith('zh') ? 'zh' : 'en'
  const values = {
    name: customer?.first_name || customer?.name || '',
    agent: me()?.name ?? '',
    order: customer?.orders[0]?.number ?? '',
    ticket: customer?.open_tickets[0]?.number ?? contact?.tickets[0] ?? '',
  }

  function send() {
    const said = text.trim()
    if (!said || busy) return
    // The key stays with the words until they are sent: a second try cannot send them twice.
    const kept = readDraft(`once.${contactId}`)
    const [key, words] = [kept.slice(0, 36), kept.slice(37)]
    const once = words === said ? key : crypto.randomUUID()
    keepDraft(`once.${contactId}`, `${once} ${said}`)
    void run(() => sendMessage(contactId, said, once)).then((done) => {
      if (!done) return
      keepDraft(`once.${contactId}`, '')
      if (readDraft(`message.${contactId}`).trim() === said) setText('')
    })
  }

  function insert(reply: Reply) {
    const filled = fill(reply.text[speaks] ?? reply.text.en ?? '', values)
    setText(text ? `${text.trimEnd()} ${filled}` : filled)
    box.current?.focus()
  }

  return (
    <div className="composer">
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
          if (reply) setText(typed.slice(0, found.index) + fill(reply.text[speaks] ?? reply.text.en ?? '', values))
          else setText(typed)
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
            <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
              {replies.map((reply) => (
                <Menu.Item key={reply.name} onClick={() => insert(reply)}>
                  <Text size="sm" fw={600}>
                    /{reply.name}
                  </Text>
                  <Text size="xs" c="dimmed" lineClamp={2}>
                    {fill(reply.text[speaks] ?? reply.text.en ?? '', values)}
                  </Text>
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Item
                disabled={!text.trim()}
                leftSection={<Icon name="plus" size={16} />}
                onClick={() => {
                  const name = prompt(t('canned_name'))?.trim().replace(/\s+/g, '-')
                  if (name) setReplies(saveReply(name, text, speaks, values))
                }}
              >
                {t('canned_save')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Text size="xs" c={text.length > MOST - 100 ? 'red' : 'dimmed'}>
            {text.length > 1200 ? `${text.length}/${MOST}` : text ? t('draft_kept') : ''}
          </Text>
        </Group>
        <ActionIcon size="lg" variant="filled" aria-label={t('send')} disabled={!text.trim() || link !== 'connected'} loading={busy} onClick={send}>
          <Icon name="send" />
        </ActionIcon>
      </Group>
    </div>
  )
}
