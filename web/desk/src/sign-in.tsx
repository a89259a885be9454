import { Alert, Anchor, Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { Icon } from './parts/icons'
import { Switches } from './parts/switches'
import { signIn, SignInFailed, signInWithToken } from './session'
import { refusalIn } from './refusals'
import { type Key, useLanguage, useWords } from './words'

const REASONS: Record<string, Key> = {
  wrong: 'wrong_password',
  wrong_token: 'wrong_token',
}

export function SignIn({ lapsed }: { lapsed: boolean }) {
  const t = useWords()
  const [byToken, setByToken] = useState(false)
  const [email, setEmail] = useState('')
  const [secret, setSecret] = useState('')
  const [busy, setBusy] = useState(false)
  const language = useLanguage()
  const [problem, setProblem] = useState<SignInFailed | null>(null)

  async function submit(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      if (byToken) await signInWithToken(secret.trim())
      else await signIn(email.trim(), secret)
    } catch (error) {
      setProblem(error instanceof SignInFailed ? error : new SignInFailed('unexpected'))
      setBusy(false)
    }
  }

  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper withBorder shadow="sm" p="xl" w="100%" maw={400}>
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Group gap="sm">
              <img src="/desk/icon.svg" width={36} height={36} alt="" />
              <Title order={1} size="h3">
                {t('sign_in_title')}
              </Title>
            </Group>
            {lapsed && (
              <Alert color="yellow" icon={<Icon name="clock" />}>
                {t('session_lapsed')}
              </Alert>
            )}
            {problem && (
              <Alert color="red" icon={<Icon name="alert" />} role="alert">
                {REASONS[problem.code] ? t(REASONS[problem.code]!) : refusalIn(language, problem)}
              </Alert>
            )}
            {byToken ? (
              <PasswordInput
                key="token"
                label={t('token')}
                description={t('token_hint')}
                value={secret}
                onChange={(event) => setSecret(event.currentTarget.value)}
                autoComplete="off"
                visibilityToggleButtonProps={{ 'aria-label': t('show_secret') }}
                required
                data-autofocus
              />
            ) : (
              <>
                <TextInput
                  label={t('email')}
                  type="email"
                  value={email}
                  onChange={(event) => setEmail(event.currentTarget.value)}
                  autoComplete="username"
                  required
                />
                <PasswordInput
                  key="password"
                  label={t('password')}
                  value={secret}
                  onChange={(event) => setSecret(event.currentTarget.value)}
                  autoComplete="current-password"
                  visibilityToggleButtonProps={{ 'aria-label': t('show_secret') }}
                  required
                />
              </>
            )}
            <Button type="submit" loading={busy}>
              {t('sign_in')}
            </Button>
            <Group justify="space-between">
              <Anchor component="button" type="button" size="sm" onClick={() => setByToken(!byToken)}>
                {byToken ? t('by_password') : t('by_token')}
              </Anchor>
              <Switches />
            </Group>
            <Text size="xs" c="dimmed">
              {t('sign_in_hint')}
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}
