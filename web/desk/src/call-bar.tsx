// The softphone's calls that ring or belong to no open work (listening in, a direct call): always within reach.
import { Alert, Button, Group, Paper, Text } from '@mantine/core'
import { useLive } from './live/store'
import { Icon } from './parts/icons'
import { answerCall, hangUpCall, useSoftphone } from './softphone'
import { useWords } from './words'

export function CallBar() {
  const t = useWords()
  const phone = useSoftphone()
  const { desk } = useLive()
  const held = new Set(Object.values(desk.works).map((work) => work.contact_id))
  const loose = phone.calls.filter((call) => !held.has(call.contact) || (call.state === 'ringing_here' && !call.answered))
  return (
    <>
      {phone.microphone === false && (
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
                {call.from || call.to || t('call')} · {call.state === 'ringing_here' ? t('rings') : t('connected_call')}
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
