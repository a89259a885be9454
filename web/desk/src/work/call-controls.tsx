// What can be done to a call that is going on.
import { Button, Collapse, Group, SimpleGrid } from '@mantine/core'
import { useState } from 'react'
import { keyTone } from '../../../shared/phone/tones'
import { useDeed } from '../api/asked'
import type { Work } from '../api/types'
import { endConsult, endWork, hold, mute, record } from '../deeds'
import { useQueueTitle } from '../known'
import { useLive } from '../live/store'
import { Icon, type IconName } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { pressKeys, useSoftphone } from '../softphone'
import { useWords } from '../words'
import { TransferDialog } from './transfer-dialog'

type Tape = 'off' | 'on' | 'paused'

/** How the recording of a call stands, by the word of the server. */
const TAPES: Record<string, Tape> = { '': 'off', on: 'on', paused: 'paused' }

export function CallControls({ work }: { work: Work }) {
  const t = useWords()
  const [busy, run] = useDeed(tellRefusal)
  const phone = useSoftphone()
  const call = phone.calls.find((each) => each.contact === work.contact_id && each.state !== 'ringing_here')
  const [keypad, setKeypad] = useState(false)
  const [dialog, setDialog] = useState<'transfer' | 'consult' | null>(null)
  const active = work.state === 'active'
  const shownTape = TAPES[work.recording] ?? 'off'

  const setRecord = (what: 'start' | 'pause' | 'resume' | 'stop', next: Tape) =>
    void run(() => record(work.id, what)).then((done) => {
      if (done) tell(t(`tape_${next}`))
    })

  return (
    <>
      <Group gap={6} mt="sm" role="toolbar" aria-label={t('call_controls')}>
        <Control
          icon={work.held_at ? 'play' : 'pause'}
          label={work.held_at ? t('resume') : t('hold')}
          on={Boolean(work.held_at)}
          disabled={!active || busy}
          onClick={() => void run(() => hold(work.id, !work.held_at))}
        />
        <Control
          icon={work.muted ? 'micOff' : 'mic'}
          label={work.muted ? t('unmute') : t('mute')}
          on={work.muted}
          disabled={!active || busy}
          onClick={() => void run(() => mute(work.id, !work.muted))}
        />
        <Control icon="keypad" label={t('keypad')} on={keypad} disabled={!call} onClick={() => setKeypad(!keypad)} />
        <Control
          icon="record"
          label={shownTape === 'on' ? t('tape_pause') : shownTape === 'paused' ? t('tape_resume') : t('tape_start')}
          on={shownTape === 'on'}
          disabled={!active || busy}
          onClick={() => {
            if (shownTape === 'on') setRecord('pause', 'paused')
            else if (shownTape === 'paused') setRecord('resume', 'on')
            else setRecord('start', 'on')
          }}
        />
        <Control icon="transfer" label={t('transfer')} disabled={!active || work.kind === 'consult'} onClick={() => setDialog('transfer')} />
        <Control icon="users" label={t('consult')} disabled={!active || work.kind === 'consult'} onClick={() => setDialog('consult')} />
        <Control icon="phoneOff" label={t('end')} colour="red" filled loading={busy} disabled={!active} onClick={() => void run(() => endWork(work.id))} />
      </Group>
      <Collapse expanded={keypad && Boolean(call)}>
        <Keypad onKey={(key) => call && pressKeys(call.id, key)} />
      </Collapse>
      <Consult work={work} />
      {dialog && <TransferDialog work={work} how={dialog} close={() => setDialog(null)} />}
    </>
  )
}

function Control(props: { icon: IconName; label: string; on?: boolean; disabled?: boolean; loading?: boolean; filled?: boolean; colour?: string; onClick: () => void }) {
  return (
    <Button
      variant={props.on || props.filled ? 'filled' : 'default'}
      color={props.colour}
      aria-pressed={props.on}
      disabled={props.disabled}
      loading={props.loading}
      onClick={props.onClick}
      className="control"
    >
      <Icon name={props.icon} size={20} />
      <span>{props.label}</span>
    </Button>
  )
}

export function Keypad({ onKey }: { onKey: (key: string) => void }) {
  const t = useWords()
  return (
    <SimpleGrid cols={3} spacing={6} maw={220} mt="sm" role="group" aria-label={t('keypad')}>
      {[...'123456789*0#'].map((key) => (
        <Button
          key={key}
          variant="default"
          size="md"
          onClick={() => {
            keyTone(key)
            onKey(key)
          }}
        >
          {key}
        </Button>
      ))}
    </SimpleGrid>
  )
}

/** The question to a colleague that is going on: it came with the work, and stands the same after a reload. */
export function Consult({ work }: { work: Work }) {
  const t = useWords()
  const queueTitle = useQueueTitle()
  const { desk } = useLive()
  const [busy, run] = useDeed(tellRefusal)
  const consult = Object.values(desk.consults).find((each) => each.for_work === work.id)
  if (!consult) return null
  const who = consult.agent_name || consult.wanted_name || queueTitle(consult.queue)
  const here = consult.state === 'active'
  const deed = (how: 'cancel' | 'join' | 'complete') => void run(() => endConsult(work.id, how))
  return (
    <Group className="consult" role="status" gap="sm">
      <Icon name="users" />
      <span className="grow">{here ? t('consult_here', { name: who }) : t('consult_asked', { name: who })}</span>
      <Button size="xs" disabled={!here || busy} onClick={() => deed('join')}>
        {t('consult_join')}
      </Button>
      <Button size="xs" variant="light" disabled={!here || busy} onClick={() => deed('complete')}>
        {t('consult_complete')}
      </Button>
      <Button size="xs" variant="default" loading={busy} onClick={() => deed('cancel')}>
        {t('consult_cancel')}
      </Button>
    </Group>
  )
}
