// What a supervisor can do with somebody else's contact: listen, whisper, join in, take it over, give it to others.
import { ActionIcon, Menu } from '@mantine/core'
import { useState } from 'react'
import { touch, useDeed } from '../api/asked'
import type { Work } from '../api/types'
import { reassign, supervise } from '../deeds'
import { Icon } from '../parts/icons'
import { tell, tellRefusal } from '../parts/toasts'
import { me } from '../session'
import { expectCall } from '../softphone'
import { useWords } from '../words'
import { TransferDialog } from '../work/transfer-dialog'

export function Join({ work }: { work: Work }) {
  const t = useWords()
  const [busy, run] = useDeed(tellRefusal)
  const [giving, setGiving] = useState(false)
  const call = (work.kind === 'call' || work.kind === 'callback') && work.state === 'active'
  const join = (mode: 'listen' | 'whisper' | 'barge') =>
    void run(async () => {
      if (work.contact_id) expectCall(work.contact_id)
      await supervise(work.id, mode)
    }).then((done) => {
      if (done) tell(t(`joined_${mode}`))
    })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('join_or_take')} loading={busy}>
            <Icon name={call ? 'ear' : 'dots'} size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="ear" />} disabled={!call} onClick={() => join('listen')}>
            {t('listen')}
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="whisper" />} disabled={!call} onClick={() => join('whisper')}>
            {t('whisper')}
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="users" />} disabled={!call} onClick={() => join('barge')}>
            {t('barge')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<Icon name="user" />}
            disabled={work.agent_id === me()?.agentId}
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
