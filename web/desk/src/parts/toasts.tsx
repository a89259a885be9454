// Short messages at the edge, read out to screen readers; those about trouble stay until they are closed.
import { CloseButton, Group, Paper, Portal, Stack, Text } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import type { Refusal } from '../api/client'
import { refusalIn } from '../refusals'
import { spoken, useWords } from '../words'
import { Icon } from './icons'

interface Toast {
  id: number
  text: string
  bad: boolean
}

let toasts: Toast[] = []
let count = 0
const watching = new Set<() => void>()

function become(next: Toast[]): void {
  toasts = next
  for (const each of watching) each()
}

function drop(id: number): void {
  become(toasts.filter((toast) => toast.id !== id))
}

export function tell(text: string, bad = false): void {
  const id = ++count
  become([...toasts.filter((toast) => toast.text !== text), { id, text, bad }].slice(-4))
  setTimeout(() => drop(id), bad ? 12_000 : 5_000)
}

/** What the API refused, in words. */
export function tellRefusal(refusal: Refusal): void {
  tell(refusalWords(refusal), true)
}

export function refusalWords(refusal: Refusal): string {
  return refusalIn(spoken(), refusal)
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (each) => {
      watching.add(each)
      return () => watching.delete(each)
    },
    () => toasts,
  )
  const t = useWords()
  return (
    <Portal>
      <Stack gap="xs" className="toasts" role="log" aria-live="polite" aria-label={t('messages_of_desk')}>
        {shown.map((toast) => (
          <Paper key={toast.id} shadow="md" p="sm" withBorder className={toast.bad ? 'toast bad' : 'toast'}>
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <Icon name={toast.bad ? 'alert' : 'check'} />
              <Text size="sm" flex={1}>
                {toast.text}
              </Text>
              <CloseButton size="sm" aria-label={t('close')} onClick={() => drop(toast.id)} />
            </Group>
          </Paper>
        ))}
      </Stack>
    </Portal>
  )
}
