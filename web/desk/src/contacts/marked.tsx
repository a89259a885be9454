// A text with the words that were searched for marked in it.
import { useMemo } from 'react'
import { markedParts } from './highlight'

export function Marked({ text, words }: { text: string; words: string }) {
  const parts = useMemo(() => markedParts(text, words), [text, words])
  return parts.map((part, index) => (part.hit ? <mark key={index}>{part.text}</mark> : part.text))
}
