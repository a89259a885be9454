// What was said, pressed and noted in a call, in order; nothing here touches the page.
import type { Item } from '../../shared/phone/messages'

export type Note =
  | 'connected' | 'talking' | 'alone' | 'hold' | 'resumed' | 'music' | 'sound' | 'noSound' | 'record' | 'recorded'
  | 'nothingRecorded' | 'noWords' | 'lineLost' | 'lineBack' | 'mediaFailed'

export interface Entry {
  id: number
  by: 'them' | 'you' | 'note'
  text: string
  /** Of the text; '' is the page's own. */
  language: string
  note?: Note
  keys?: boolean
}

export type Transcript = readonly Entry[]

function added(transcript: Transcript, entry: Omit<Entry, 'id'>): Transcript {
  return [...transcript, { ...entry, id: (transcript.at(-1)?.id ?? 0) + 1 }]
}

export function noted(transcript: Transcript, note: Note): Transcript {
  return transcript.at(-1)?.note === note ? transcript : added(transcript, { by: 'note', text: '', language: '', note })
}

/** What the other end lets hear; what is said several times over stands there once. */
export function told(transcript: Transcript, items: readonly Item[]): Transcript {
  let before = ''
  for (const item of items) {
    const now = JSON.stringify(item)
    if (now !== before && item.text) {
      transcript = added(transcript, { by: 'them', text: item.text, language: item.language ?? '' })
    } else if (now !== before && (item.play || item.music)) {
      transcript = noted(transcript, item.music ? 'music' : 'sound')
    }
    if (!item.pause) before = now
  }
  return transcript
}

/** Keys that are pressed one after another stand in one line. */
export function pressed(transcript: Transcript, keys: string): Transcript {
  const last = transcript.at(-1)
  if (!last?.keys) return added(transcript, { by: 'you', text: keys, language: '', keys: true })
  return [...transcript.slice(0, -1), { ...last, text: last.text + keys }]
}

export function spoke(transcript: Transcript, text: string, language: string): Transcript {
  return added(transcript, { by: 'you', text, language })
}
