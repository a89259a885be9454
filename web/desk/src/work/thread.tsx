// The written conversation of a contact, over whatever channel: what was said, and what became of it.
import { Text, Tooltip } from '@mantine/core'
import { useEffect, useLayoutEffect, useRef } from 'react'
import type { Message, Work } from '../api/types'
import { useAgentName, useMessages, usePerson } from '../known'
import { markRead, useLive } from '../live/store'
import { Shown, useDates, useWord } from '../parts/bits'
import { Icon } from '../parts/icons'
import { me } from '../session'
import { useNow } from '../time'
import { useWords } from '../words'
import { Composer } from './composer'
import { FileOf } from './files'

/** For how long a sign of typing is shown. */
const TYPING_MS = 5000

export function Thread({ work, contactId }: { work: Work; contactId: string }) {
  const asked = useMessages(contactId)
  const unread = useLive().unread[contactId] ?? 0
  useEffect(() => {
    if (!document.hidden) markRead(contactId)
  }, [contactId, unread])
  return (
    <>
      <Shown of={asked}>{(messages) => <Messages messages={messages} />}</Shown>
      <Typing work={work} contactId={contactId} />
      {work.state === 'active' && <Composer work={work} contactId={contactId} />}
    </>
  )
}

function Typing({ work, contactId }: { work: Work; contactId: string }) {
  const t = useWords()
  const person = usePerson(work)
  const since = useLive().typing[contactId] ?? 0
  const now = useNow()
  void now
  const shown = Date.now() - since < TYPING_MS && work.state === 'active'
  return (
    <Text size="xs" c="dimmed" px="md" className="typing" aria-live="polite">
      {shown ? t('is_typing', { name: work.who?.name || person || t('customer') }) : ''}
    </Text>
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
          <div key={file.url}>
            <FileOf media={file} />
          </div>
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
