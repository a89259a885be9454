// Files of a web chat: what customers sent is only ever saved, and agents send what the server says that they may.
import { Anchor, Text } from '@mantine/core'
import { send as request, type Schemas } from '../api/client'
import { useDeed } from '../api/asked'
import { Icon } from '../parts/icons'
import { tellRefusal } from '../parts/toasts'
import { signature } from '../session'
import { useWords } from '../words'

type Media = Schemas['Media']

const OURS = '/chat/files/'

export interface Uploaded {
  id: string
  name: string
  size: number
}

export function sizeOf(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : bytes < 1_048_576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1_048_576).toFixed(1)} MB`
}

/** Fetched with the session and saved under its name: nothing of it is ever shown or run in this page. */
async function save(media: Media): Promise<void> {
  const response = await request(media.url, { headers: signature(false) })
  const url = URL.createObjectURL(new Blob([await response.blob()], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = media.name || 'file'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

export function FileOf({ media }: { media: Media }) {
  const t = useWords()
  const [busy, run] = useDeed(tellRefusal)
  const name = media.name || media.content_type || t('file')
  // A provider's address is not ours to open with the agent's session.
  if (!media.url.startsWith(OURS)) {
    return (
      <Text size="sm">
        <Icon name="download" size={14} /> {name}
      </Text>
    )
  }
  return (
    <Anchor component="button" type="button" size="sm" c="inherit" underline="always" disabled={busy} onClick={() => void run(() => save(media))} className="file">
      <Icon name="download" size={14} /> {name} {Boolean(media.size) && <span className="dim">{sizeOf(media.size ?? 0)}</span>}
      <span className="unseen">{t('download')}</span>
    </Anchor>
  )
}

export async function upload(contactId: string, file: File): Promise<Uploaded> {
  const response = await request(`/chat/contacts/${encodeURIComponent(contactId)}/files`, {
    method: 'POST',
    headers: { ...signature(true), 'Content-Type': file.type || 'application/octet-stream', 'X-File-Name': encodeURIComponent(file.name) },
    body: file,
  })
  return (await response.json()) as Uploaded
}
