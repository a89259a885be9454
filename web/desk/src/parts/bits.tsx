// Small things that many pages show.
import { Alert, Anchor, type AnchorProps, Badge, type BadgeProps, Button, Center, Group, Loader, Stack, Text } from '@mantine/core'
import type { MouseEvent, ReactNode } from 'react'
import type { Asked } from '../api/asked'
import type { Refusal } from '../api/client'
import { useCalled } from '../known'
import { go, hrefOf } from '../router'
import { clockOf, since, useNow } from '../time'
import { isKey, useLanguage, useWords } from '../words'
import { Icon, type IconName } from './icons'
import { refusalWords } from './toasts'

/** A link to a place of the desk: an ordinary one, that is followed without loading the page. */
export function To({ to, children, ...rest }: { to: string; children: ReactNode } & AnchorProps) {
  return (
    <Anchor href={hrefOf(to)} {...rest} onClick={(event: MouseEvent) => follow(event, to)}>
      {children}
    </Anchor>
  )
}

export function follow(event: MouseEvent, to: string): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  go(to)
}

/** How long it has been, counting. */
export function Since({ at, warn }: { at: string | null | undefined; warn?: number }) {
  const passed = since(at, useNow())
  const late = warn !== undefined && passed > warn * 1000
  return (
    <span className="clock" data-late={late || undefined}>
      {clockOf(passed)}
    </span>
  )
}

/** How long it still is until then, counting down. */
export function Until({ at, soon = 10 }: { at: string; soon?: number }) {
  const left = Date.parse(at) - useNow()
  return (
    <span className="clock" data-late={left < soon * 1000 || undefined}>
      {clockOf(left)}
    </span>
  )
}

export function useDates() {
  const language = useLanguage() === 'zh' ? 'zh-CN' : 'en-GB'
  return {
    time: (at: string) => new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' }),
    exact: (at: string) => new Date(at).toLocaleString(language),
    /** Today only the time, else the day as well. */
    short: (at: string) => {
      const date = new Date(at)
      const today = date.toDateString() === new Date().toDateString()
      return date.toLocaleString(
        language,
        today
          ? { hour: '2-digit', minute: '2-digit' }
          : { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
      )
    },
    money: (minor: number, currency: string) => {
      try {
        const format = new Intl.NumberFormat(language, { style: 'currency', currency })
        const digits = format.resolvedOptions().maximumFractionDigits ?? 2
        return format.format(minor / 10 ** digits)
      } catch {
        return `${minor} ${currency}`
      }
    },
  }
}

/** A word of the engine's, as people say it; else as the company calls it, and without a title as it is. */
export function useWord(): (code: string | null | undefined) => string {
  const t = useWords()
  const called = useCalled()
  return (code) => {
    if (!code) return ''
    const key = `w_${code.replaceAll('-', '_')}`
    if (isKey(key)) return t(key)
    const title = called(code)
    return title === code ? code.replaceAll('_', ' ') : title
  }
}

const COLOURS: Record<string, string> = {
  available: 'green',
  offered: 'orange',
  on_contact: 'blue',
  wrap_up: 'violet',
  break: 'yellow',
  not_responding: 'red',
  offline: 'gray',
  waiting: 'orange',
  connecting: 'cyan',
  active: 'blue',
  done: 'gray',
  in_flow: 'grape',
  connected: 'blue',
  ended: 'gray',
  open: 'orange',
  in_progress: 'blue',
  resolved: 'green',
  closed: 'gray',
  urgent: 'red',
  high: 'orange',
  key: 'grape',
  gold: 'yellow',
  silver: 'gray',
  delivered: 'green',
  shipped: 'blue',
  canceled: 'gray',
  returned: 'red',
}

export function colourOf(code: string): string {
  return COLOURS[code] ?? 'gray'
}

/** A customer's or a contact's tags, as they are called. */
export function Tags({ of }: { of: readonly string[] }) {
  const called = useCalled()
  return of.map((tag) => (
    <Badge key={tag} variant="outline" color="gray" tt="none">
      {called(tag)}
    </Badge>
  ))
}

export function Word({ code, ...rest }: { code: string } & Omit<BadgeProps, 'children'>) {
  const word = useWord()
  return (
    <Badge variant="light" color={colourOf(code)} tt="none" fw={600} {...rest}>
      {word(code)}
    </Badge>
  )
}

export function Dot({ code }: { code: string }) {
  return <span className="dot" style={{ background: `var(--mantine-color-${colourOf(code)}-6)` }} aria-hidden="true" />
}

export function Nothing({ icon, children, more }: { icon: IconName; children: ReactNode; more?: ReactNode }) {
  return (
    <Center py="xl" px="md">
      <Stack align="center" gap="xs" c="dimmed" ta="center">
        <Icon name={icon} size={36} />
        <Text>{children}</Text>
        {more}
      </Stack>
    </Center>
  )
}

export function Trouble({ refusal, again }: { refusal: Refusal; again?: () => void }) {
  const t = useWords()
  return (
    <Alert color="red" icon={<Icon name="alert" />} role="alert" m="sm">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{refusalWords(refusal)}</Text>
        {again && (
          <Button size="compact-sm" variant="light" color="red" onClick={again}>
            {t('again')}
          </Button>
        )}
      </Group>
    </Alert>
  )
}

/** What was asked, when it is there; else that it is coming, or why it is not. */
export function Shown<T>({ of, children }: { of: Asked<T>; children: (data: T) => ReactNode }) {
  const t = useWords()
  if (of.data !== undefined) {
    return (
      <>
        {of.error && of.error.code !== 'unreachable' && <Trouble refusal={of.error} again={of.again} />}
        {children(of.data)}
      </>
    )
  }
  if (of.error) return <Trouble refusal={of.error} again={of.again} />
  return (
    <Center p="lg">
      <Loader size="sm" role="status" aria-label={t('loading')} />
    </Center>
  )
}

export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== '' && value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
