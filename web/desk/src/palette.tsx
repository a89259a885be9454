// The command palette (Ctrl-K): pages, one's work, presence, and what can be done just now, found by a few letters.
import { ActionIcon, Group, Kbd, Modal, Text, TextInput, Tooltip, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { ask } from './api/client'
import type { Customer, Ticket } from './api/types'
import { accept, decline, endWork, hold } from './deeds'
import { mine, useLive } from './live/store'
import { matches } from './matches'
import { useCalled } from './known'
import { useWord } from './parts/bits'
import { Icon, type IconName, kindIcon } from './parts/icons'
import { tellRefusal } from './parts/toasts'
import { usePresence, useReasons } from './presence'
import { go } from './router'
import { may, me } from './session'
import { PLACES } from './shell'
import { setLanguage, useLanguage, useWords } from './words'
import type { Refusal } from './api/client'

interface Command {
  id: string
  label: string
  hint?: string
  icon: IconName
  run: () => void
}

export function Palette() {
  const t = useWords()
  const [opened, { open, close }] = useDisclosure(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        open()
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [open])
  return (
    <>
      <Tooltip label={`${t('commands')} (Ctrl K)`}>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('commands')} onClick={open} aria-keyshortcuts="Control+K">
          <Icon name="search" />
        </ActionIcon>
      </Tooltip>
      {opened && (
        <Modal.Root opened onClose={close} padding={0} size="lg" yOffset="10vh">
          <Modal.Overlay />
          <Modal.Content aria-label={t('commands')}>
            <Modal.Body p={0}>
              <Search close={close} />
            </Modal.Body>
          </Modal.Content>
        </Modal.Root>
      )}
    </>
  )
}

function Search({ close }: { close: () => void }) {
  const t = useWords()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const commands = useCommands()
  const found = useFound(text)
  const list = useId()
  const box = useRef<HTMLDivElement>(null)
  const shown = useMemo(() => [...commands.filter((each) => matches(each.label, text)), ...found].slice(0, 40), [commands, found, text])
  const at = Math.min(chosen, Math.max(0, shown.length - 1))
  useEffect(() => {
    void box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [at])

  function run(command: Command | undefined) {
    if (!command) return
    close()
    command.run()
  }

  return (
    <div>
      <TextInput
        data-autofocus
        size="lg"
        variant="unstyled"
        px="md"
        placeholder={t('palette_hint')}
        aria-label={t('palette_hint')}
        leftSection={<Icon name="search" />}
        value={text}
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={shown.length ? `${list}-${at}` : undefined}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
          if (step) {
            event.preventDefault()
            setChosen((at + step + shown.length) % Math.max(1, shown.length))
          }
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(shown[at])
        }}
      />
      <div ref={box} role="listbox" id={list} aria-label={t('commands')} className="commands">
        {shown.map((command, index) => (
          <div
            key={command.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            className="command"
            onMouseMove={() => setChosen(index)}
            onClick={() => run(command)}
          >
            <Icon name={command.icon} />
            <Text size="sm" flex={1} truncate>
              {command.label}
            </Text>
            {command.hint && <Kbd size="xs">{command.hint}</Kbd>}
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <Group p="md" justify="center">
          <Text c="dimmed">{t('nothing_found')}</Text>
        </Group>
      )}
    </div>
  )
}

function useCommands(): Command[] {
  const t = useWords()
  const word = useWord()
  const called = useCalled()
  const language = useLanguage()
  const { setColorScheme } = useMantineColorScheme()
  const { desk } = useLive()
  const [, change] = usePresence(me()?.agentId ?? '')
  const reasons = useReasons()
  const refused = (error: unknown) => tellRefusal(error as Refusal)
  const offers = Object.values(desk.offers).flatMap((offer): Command[] => [
    { id: `a${offer.id}`, label: t('accept'), hint: 'Alt A', icon: 'check', run: () => void accept(offer.id).then(() => go(`/work/${offer.work_id}`), refused) },
    { id: `d${offer.id}`, label: t('decline'), hint: 'Alt X', icon: 'close', run: () => void decline(offer.id).catch(refused) },
  ])
  const works = mine(desk).flatMap((work, index): Command[] => {
    const name = `${index + 1}: ${word(work.kind)}${work.reason ? ` · ${called(work.reason)}` : ''}`
    const open: Command = { id: `w${work.id}`, label: `${t('open')} ${name}`, hint: `Alt ${index + 1}`, icon: kindIcon(work.kind), run: () => go(`/work/${work.id}`) }
    if (work.state !== 'active') return [open]
    const more: Command[] = [{ id: `e${work.id}`, label: `${t('end')} ${name}`, icon: 'phoneOff', run: () => void endWork(work.id).catch(refused) }]
    if (work.kind === 'call') {
      more.unshift({
        id: `h${work.id}`,
        label: `${work.held_at ? t('resume') : t('hold')} ${name}`,
        icon: work.held_at ? 'play' : 'pause',
        run: () => void hold(work.id, !work.held_at).catch(refused),
      })
    }
    return [open, ...more]
  })
  const places = PLACES.filter((each) => may(each.role)).map(
    (each): Command => ({ id: `p${each.path}`, label: `${t('go_to')} ${t(each.title)}`, icon: each.icon, run: () => go(`/${each.path}`) }),
  )
  const presences: Command[] = [
    { id: 'available', label: t('go_available'), icon: 'bolt', run: () => void change('available') },
    ...reasons.map((reason): Command => ({ id: `b${reason.code}`, label: `${t('break')}: ${reason.label}`, icon: 'pause', run: () => void change('break', reason.code) })),
    { id: 'offline', label: t('go_offline'), icon: 'logout', run: () => void change('offline') },
  ]
  const looks: Command[] = [
    { id: 'language', label: language === 'zh' ? 'English' : '中文', icon: 'language', run: () => setLanguage(language === 'zh' ? 'en' : 'zh') },
    { id: 'light', label: t('light'), icon: 'sun', run: () => setColorScheme('light') },
    { id: 'dark', label: t('dark'), icon: 'moon', run: () => setColorScheme('dark') },
  ]
  return [...offers, ...works, ...presences, ...places, ...looks]
}

/** Customers by name or number, and a ticket by its number. */
function useFound(text: string): Command[] {
  const t = useWords()
  const [found, setFound] = useState<Command[]>([])
  const wanted = text.trim()
  useEffect(() => {
    setFound([])
    if (wanted.length < 2) return
    let stale = false
    const timer = setTimeout(async () => {
      const [customers, ticket] = await Promise.all([
        ask('get', '/customers', { query: { text: wanted, limit: 6 } }).then((page) => page.items).catch((): Customer[] => []),
        /^\d{8}$/.test(wanted) ? ask('get', '/tickets/{ticket}', { path: { ticket: wanted } }).catch(() => null) : null,
      ])
      if (stale) return
      const tickets = ticket ? [ticket as Ticket] : []
      setFound([
        ...tickets.map((each): Command => ({ id: each.id, label: `${t('ticket')} ${each.number} · ${each.subject}`, icon: 'ticket', run: () => go(`/tickets/${each.number}`) })),
        ...customers.map((each): Command => ({ id: each.id, label: `${t('customer')} ${each.name || each.id}`, icon: 'user', run: () => go(`/customers/${each.id}`) })),
      ])
    }, 200)
    return () => {
      stale = true
      clearTimeout(timer)
    }
  }, [wanted, t])
  return found
}
