// Language, and light or dark.
import { ActionIcon, Group, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { setLanguage, useLanguage, useWords } from '../words'
import { Icon } from './icons'

export function Switches() {
  const t = useWords()
  const language = useLanguage()
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  return (
    <Group gap={4} wrap="nowrap">
      <Tooltip label={language === 'zh' ? 'English' : '中文'}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={language === 'zh' ? 'English' : '中文'}
          lang={language === 'zh' ? 'en' : 'zh'}
          onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          <Icon name="language" />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={dark ? t('light') : t('dark')}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={dark ? t('light') : t('dark')}
          onClick={() => setColorScheme(dark ? 'light' : 'dark')}
        >
          <Icon name={dark ? 'sun' : 'moon'} />
        </ActionIcon>
      </Tooltip>
    </Group>
  )
}
