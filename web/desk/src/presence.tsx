// One's presence, with its reason and for how long; and going elsewhere.
import { Alert, Button, Group, Menu, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useDeed } from './api/asked'
import { Refusal } from './api/client'
import type { Presence } from './api/types'
import { setPresence } from './deeds'
import { useSetup } from './known'
import { titleIn } from './names'
import { useLive } from './live/store'
import { Dot, Since, useWord } from './parts/bits'
import { Icon } from './parts/icons'
import { refusalWords, tell, tellRefusal } from './parts/toasts'
import type { Me } from './session'
import { prepareMicrophone } from './softphone'
import { useLanguage, useWords } from './words'

/** Why one may be on a break, as the server lists it: code and words. */
export function useReasons(): { code: string; label: string }[] {
  const language = useLanguage()
  const reasons = useSetup().data?.break_reasons ?? []
  return reasons.map((each) => ({ code: each.code, label: titleIn(each.title, language) }))
}

/** The words for the reason of a break: of the list, else as it was written. */
export function useReasonWord(): (reason: string) => string {
  const word = useWord()
  const reasons = useReasons()
  return (reason) => reasons.find((each) => each.code === reason)?.label ?? word(reason)
}

export function usePresence(agentId: string): [boolean, (presence: Presence, reason?: string) => Promise<void>] {
  const t = useWords()
  const [busy, run] = useDeed(tellRefusal)
  return [
    busy,
    async (presence, reason = '') => {
      if (presence === 'available') prepareMicrophone()
      await run(async () => {
        try {
          await setPresence(agentId, presence, reason)
        } catch (error) {
          // Out of one's shift it takes one's word that it shall be so.
          if (!(error instanceof Refusal && /overtime/i.test(error.message))) throw error
          if (!confirm(`${refusalWords(error)}\n\n${t('overtime_sure')}`)) return
          await setPresence(agentId, presence, reason, true)
        }
        tell(t(`now_${presence}`))
      })
    },
  ]
}

export function PresenceMenu({ me }: { me: Me }) {
  const t = useWords()
  const word = useWord()
  const { desk } = useLive()
  const [busy, change] = usePresence(me.agentId)
  const reasons = useReasons()
  const reasonWord = useReasonWord()
  const others = useSetup().data?.other_break_reasons ?? true
  const [other, setOther] = useState('')
  const [opened, setOpened] = useState(false)
  const state = desk.state
  if (!desk.known || !state) return null
  const since = state.status === state.presence ? state.since : longest(state.holding)
  return (
    <Menu opened={opened} onChange={setOpened} width={250} position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          size="sm"
          px="sm"
          loading={busy}
          leftSection={<Dot code={state.status} />}
          rightSection={<Icon name="down" size={14} />}
        >
          <span className="unseen">{t('presence')}: </span>
          <Group gap={8} wrap="nowrap">
            <Text size="sm" fw={600} truncate maw={{ base: 100, sm: 220 }}>
              {word(state.status)}
              {state.presence === 'break' && state.reason ? ` · ${reasonWord(state.reason)}` : ''}
            </Text>
            <Text size="sm" c="dimmed" component="span">
              {state.presence === 'offline' && state.status === 'offline' ? null : <Since at={since} />}
            </Text>
          </Group>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {state.presence === 'not_responding' && (
          <Alert color="red" p="xs" mb="xs">
            <Text size="xs">{t('not_responding_hint')}</Text>
          </Alert>
        )}
        <Menu.Item leftSection={<Dot code="available" />} onClick={() => void change('available')}>
          {t('go_available')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('break')}</Menu.Label>
        {reasons.map((reason) => (
          <Menu.Item key={reason.code} leftSection={<Dot code="break" />} onClick={() => void change('break', reason.code)}>
            {reason.label}
          </Menu.Item>
        ))}
        {others && <form
          onSubmit={(event) => {
            event.preventDefault()
            setOpened(false)
            void change('break', other.trim())
            setOther('')
          }}
        >
          <TextInput
            size="xs"
            m={6}
            placeholder={t('other_reason')}
            aria-label={t('other_reason')}
            maxLength={80}
            value={other}
            onChange={(event) => setOther(event.currentTarget.value)}
            onKeyDown={(event) => event.key !== 'Escape' && event.stopPropagation()}
          />
        </form>}
        <Menu.Divider />
        <Menu.Item leftSection={<Dot code="offline" />} onClick={() => void change('offline')}>
          {t('go_offline')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Since when there is work in hand: what is held is told as kind, stage and time. */
function longest(holding: Record<string, unknown>): string | undefined {
  return Object.values(holding)
    .map((held) => (Array.isArray(held) ? (held[2] as unknown) : undefined))
    .filter((at): at is string => typeof at === 'string')
    .sort()[0]
}
