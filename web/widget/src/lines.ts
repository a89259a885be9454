// The lines of /chat/socket as the widget uses them; docs/webchat.md tells of each.

export type Phase = 'none' | 'flow' | 'waiting' | 'agent' | 'ended'

export interface SentFile {
  id: string
  name: string
  type: string
  size: number
}

export interface Message {
  type: 'message'
  place: string
  id: string
  by: 'visitor' | 'flow' | 'bot' | 'agent' | 'system'
  text: string
  at: string
  name?: string
  line?: string
  status?: string
  files?: SentFile[]
}

export interface Option {
  value: string
  label: string
}

export interface Standing {
  type: 'state'
  phase: Phase
  agent: string
  wants: string
  options: Option[]
  sensitive: boolean
  place: string
}

export interface Ready {
  type: 'ready'
  visitor: string
  known: boolean
  session?: string
  files: { types: string[]; bytes: number; most: number }
}

export interface Refused {
  type: 'refused'
  line: string
  reason: string
  final?: boolean
}

export type FromServer = Ready | Message | Standing | Refused | { type: 'anew' } | { type: 'typing' }

export interface Outgoing {
  type: 'start' | 'say' | 'end'
  id: string
  text?: string
  picked?: string
  files?: string[]
  form?: Record<string, string>
  line?: string
  language?: string
}

/** A line of the server's, or null for what is none (a newer server may say more than we know). */
export function readLine(text: string): FromServer | null {
  try {
    const line: unknown = JSON.parse(text)
    return typeof line === 'object' && line !== null && 'type' in line ? (line as FromServer) : null
  } catch {
    return null
  }
}
