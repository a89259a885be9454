// What a supervisor can do with somebody else's contact: listen, whisper, join in, take it over, give it to others.
import { ActionIcon, Menu } from '@mantine/core'
import { useState } from 'react'
import { touch, useDeed } from '../api/asked'
import type { Work } from '../api/types'
import { reassign, supervise } from '../deeds'
import { Icon, type IconName } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { me } from '../session'
import { expectCall, hangUpCall, useSoftphone } from '../softphone'
import { useWords } from '../words'
import { TransferDialog } from '../work/transfer-dialog'

type Mode = 'listen' | 'whisper' | 'barge'
const MODES: [Mode, IconName][] = [
  ['listen', 'ear'],
  ['whisper', 'whisper'],
  ['barge', 'users'],
]

/** How one has joined which work, as long as one's telephone is in its conversation. */
const JOINED = new Map<string, Mode>()

export function Join({ work }: { work: Work }) {
  const t = useWords()
  const [busy, run] = useDeed(tellRefusal)
  const [giving, setGiving] = useState(false)
  const call = (work.kind === 'call' || work.kind === 'callback') && work.state === 'active'
  const phone = useSoftphone()
  const mine = work.agent_id === me()?.agentId
  const there = mine ? undefined : phone.calls.find((each) => each.contact === work.contact_id && each.state === 'in_progress')
  const mode = there && JOINED.get(work.id)
  const join = (how: Mode) =>
    void run(async () => {
      if (work.contact_id) expectCall(work.contact_id)
      await supervise(work.id, how)
    }).then((done) => {
      if (!done) return
      JOINED.set(work.id, how)
      tell(t(`joined_${how}`))
    })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant={there ? 'filled' : 'subtle'} color={there ? undefined : 'gray'} aria-label={t('join_or_take')} loading={busy}>
            <Icon name={call ? 'ear' : 'dots'} size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {MODES.map(([each, icon]) => (
            <Menu.Item
              key={each}
              leftSection={<Icon name={icon} />}
              rightSection={each === mode && <Icon name="check" size={14} />}
              aria-current={each === mode || undefined}
              disabled={!call || mine}
              onClick={() => join(each)}
            >
              {t(each)}
            </Menu.Item>
          ))}
          {there && (
            <Menu.Item color="red" leftSection={<Icon name="phoneOff" />} onClick={() => hangUpCall(there.id)}>
              {t('hang_up')}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            leftSection={<Icon name="user" />}
            disabled={mine}
            onClick={() => void run(() => reassign(work.id, { agent_id: me()?.agentId ?? '' })).then((done) => done && tell(t('taken_over')))}
          >
            {t('take_over')}
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="transfer" />} onClick={() => setGiving(true)}>
            {t('reassign')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {giving && (
        <TransferDialog
          work={work}
          how="reassign"
          close={() => {
            setGiving(false)
            touch('works')
          }}
        />
      )}
    </>
  )
}
