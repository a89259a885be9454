// Who is signed in sees the desk; anybody else the page for signing in.
import { Center, Loader, MantineProvider } from '@mantine/core'
import { useEffect, useMemo } from 'react'
import { Fence } from './parts/fence'
import { Toasts } from './parts/toasts'
import { useSession } from './session'
import { Shell } from './shell'
import { SignIn } from './sign-in'
import { themeOf } from './theme'
import { useLanguage, useWords } from './words'

export function App({ nonce }: { nonce: string }) {
  const language = useLanguage()
  const theme = useMemo(() => themeOf(language), [language])
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <Fence>
        <Door />
      </Fence>
      <Toasts />
    </MantineProvider>
  )
}

function Door() {
  const session = useSession()
  const language = useLanguage()
  const t = useWords()
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
    if (!session.me) document.title = t('desk')
  }, [language, session.me, t])
  if (session.asking) {
    return (
      <Center h="100dvh">
        <Loader aria-label={t('loading')} />
      </Center>
    )
  }
  return session.me ? <Shell me={session.me} key={session.me.agentId} /> : <SignIn lapsed={session.lapsed} />
}
