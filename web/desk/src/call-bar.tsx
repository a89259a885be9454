// The softphone's calls that ring or belong to no open work (listening in, a direct call): always within reach.
import { Alert, Button, Group, Paper, Text } from '@mantine/core'
import type { Call } from '../../shared/phone/phone'
import { addressOf, useContact, useCustomer } from './known'
import { useLive } from './live/store'
import { Icon } from './parts/icons'
import { answerCall, dismissTrouble, hangUpCall, useSoftphone } from './softphone'
import { useWords } from './words'

export function CallBar() {
  const t = useWords()
  const phone = useSoftphone()
  const live = useLive()
  const { desk } = live
  const held = new Set(Object.values(desk.works).map((work) => work.contact_id))
  const loose = phone.calls.filter((call) => !held.has(call.contact) || (call.state === 'ringing_here' && !call.answered))
  return (
    <>
      {phone.trouble && (
        <Alert color="red" icon={<Icon name="phoneOff" />} radius={0} py="xs" role="alert" withCloseButton closeButtonLabel={t('close')} onClose={dismissTrouble}>
          {t(phone.trouble.word, { code: phone.trouble.code })}
        </Alert>
      )}
      {phone.line === 'lost' && !phone.trouble && live.link === 'connected' && (
        <Alert color="orange" icon={<Icon name="phoneOff" />} radius={0} py="xs" role="alert">
          {t('phone_lost')}
        </Alert>
      )}
      {phone.poor && (
        <Alert color="orange" icon={<Icon name="phone" />} radius={0} py="xs" role="status">
          {t('phone_poor')}
        </Alert>
      )}
      {phone.microphone === false && !phone.trouble && (
        <Alert color="orange" icon={<Icon name="micOff" />} radius={0} py="xs" role="alert">
          {t('no_microphone')}
        </Alert>
      )}
      {phone.calls.some((call) => call.recordingFailed) && (
        <Alert color="orange" icon={<Icon name="record" />} radius={0} py="xs" role="alert">
          {t('recording_failed')}
        </Alert>
      )}
      {loose.map((call) => (
        <Paper key={call.id} withBorder m="sm" p="sm" role="region" aria-label={t('call')}>
          <Group justify="space-between">
            <Group gap="sm">
              <Icon name="phone" />
              <Text>
                <With call={call} /> · {call.state === 'ringing_here' ? t('rings') : t('connected_call')}
              </Text>
            </Group>
            <Group gap="xs">
              {call.state === 'ringing_here' && !call.answered && (
                <Button leftSection={<Icon name="phone" />} onClick={() => answerCall(call.id)}>
                  {t('answer')}
                </Button>
              )}
              <Button color="red" variant="light" leftSection={<Icon name="phoneOff" />} onClick={() => hangUpCall(call.id)}>
                {t('hang_up')}
              </Button>
            </Group>
          </Group>
        </Paper>
      ))}
    </>
  )
}

/** Whom the call is with, as far as one may know. */
function With({ call }: { call: Call }) {
  const t = useWords()
  const { data: contact } = useContact(call.contact)
  const { data: customer } = useCustomer(contact?.customer_id)
  return customer?.name || (contact && addressOf(contact)) || call.from || call.to || t('call')
}
