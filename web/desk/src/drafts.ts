// What was typed and not sent, kept in this browser by what it is about, until it is sent or thrown away.
import { useCallback, useState } from 'react'

const PREFIX = 'desk.draft.'
const KEPT_DAYS = 14

interface Kept {
  text: string
  at: number
}

export function readDraft(key: string): string {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null') as Kept | null
    return kept?.text ?? ''
  } catch {
    return ''
  }
}

export function keepDraft(key: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(PREFIX + key)
    else localStorage.setItem(PREFIX + key, JSON.stringify({ text, at: Date.now() } satisfies Kept))
  } catch {
    // A full or forbidden store: the text is still on the screen.
  }
}

/** Old drafts go, so that nothing of customers stays for good. */
export function dropOldDrafts(now = Date.now()): void {
  for (const key of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) {
    try {
      const kept = JSON.parse(localStorage.getItem(key) ?? '') as Kept
      if (now - kept.at > KEPT_DAYS * 86_400_000) localStorage.removeItem(key)
    } catch {
      localStorage.removeItem(key)
    }
  }
}

/** Like useState for a text that survives reload. Give the component a `key` where the subject changes. */
export function useDraft(key: string): [string, (text: string) => void] {
  const [text, set] = useState(() => readDraft(key))
  const change = useCallback(
    (next: string) => {
      set(next)
      keepDraft(key, next)
    },
    [key],
  )
  return [text, change]
}
