// Files to and from the engine. The visitor's secret goes in a header, never in an address.

import type { SentFile } from './lines'
import type { Words } from './words'

const TYPES: Record<string, string> = {
  png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp',
  pdf: 'application/pdf', txt: 'text/plain', csv: 'text/plain', log: 'text/plain', md: 'text/plain', zip: 'application/zip',
}

/** The type under which a file is sent: the browser's word, else by its ending. */
export function typeOf(name: string, said: string): string {
  const known = TYPES[name.toLowerCase().split('.').pop() ?? '']
  return said && said !== 'text/csv' && said !== 'text/markdown' ? said : (known ?? said)
}

export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** Why the engine did not take a file, to be read after its name. */
export function explain(words: Words, reason: string, most: number): string {
  if (reason === 'size') return words.fileSize(sizeOf(most))
  if (reason === 'type') return words.fileType
  if (reason === 'content') return words.fileContent
  return words.fileFailed
}

export class FileRefused extends Error {}

export async function upload(base: string, proof: string, file: File): Promise<SentFile> {
  const headers = {
    Authorization: proof,
    'Content-Type': typeOf(file.name, file.type),
    'X-File-Name': encodeURIComponent(file.name.slice(-150)),
  }
  const answer = await fetch(`${base}/chat/files`, { method: 'POST', body: file, headers, credentials: 'omit' }).catch(() => null)
  if (answer?.status === 201) return (await answer.json()) as SentFile
  const told: unknown = await answer?.json().catch(() => null)
  throw new FileRefused(typeof told === 'object' && told && 'reason' in told ? String(told.reason) : 'failed')
}

export async function save(base: string, proof: string, file: SentFile): Promise<void> {
  const answer = await fetch(`${base}/chat/files/${encodeURIComponent(file.id)}`, {
    headers: { Authorization: proof }, credentials: 'omit',
  })
  if (!answer.ok) return
  const address = URL.createObjectURL(await answer.blob())
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = file.name
  anchor.click()
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
