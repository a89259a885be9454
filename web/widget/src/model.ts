// What the chat shows, as a value: each line of the server and each act of the visitor makes the next one.
// Pure, so that no order of cuts, redeliveries and answers can lose or double a message unnoticed (model.test.ts).

import type { FromServer, Message, Outgoing, Ready, SentFile, Standing } from './lines'

export interface Pending {
  line: Outgoing
  at: string
  files: SentFile[]
  /** Why the server would not take it; '' while it is on its way. */
  refused: string
}

export interface Model {
  messages: readonly Message[]
  pending: readonly Pending[]
  standing: Standing
  /** The last place seen: what the next hello asks to go on after. */
  place: string
  ready: Ready | null
  /** Messages that came while nobody looked. */
  unread: number
}

const nothing: Standing = {
  type: 'state', phase: 'none', agent: '', wants: 'nothing', options: [], sensitive: false, place: '',
}

export const empty: Model = {
  messages: [], pending: [], standing: nothing, place: '', ready: null, unread: 0,
}

/** The model after a line of the server; `looking`: whether the visitor sees the chat now. */
export function heard(model: Model, line: FromServer, looking: boolean): Model {
  switch (line.type) {
    case 'ready':
      return { ...model, ready: line }
    case 'anew':
      return { ...model, messages: [], place: '' }
    case 'message':
      return withMessage(model, line, looking)
    case 'state':
      return {
        ...model,
        standing: line,
        place: line.place || model.place,
        pending: model.pending.filter((each) => !isDone(each.line, line)),
      }
    case 'refused':
      return { ...model, pending: refuse(model.pending, line.line, line.reason) }
    default:
      return model
  }
}

function withMessage(model: Model, message: Message, looking: boolean): Model {
  const pending = message.line ? model.pending.filter((each) => each.line.id !== message.line) : model.pending
  if (model.messages.some((each) => each.id === message.id)) return { ...model, pending, place: message.place }
  const isNew = message.by !== 'visitor' && message.status !== 'read' && !looking
  return {
    ...model,
    pending,
    messages: [...model.messages, message],
    place: message.place,
    unread: model.unread + (isNew ? 1 : 0),
  }
}

/** A beginning is done once there is a conversation, an end once there is none. */
function isDone(line: Outgoing, standing: Standing): boolean {
  const open = standing.phase !== 'none' && standing.phase !== 'ended'
  return line.type === 'say' ? false : line.type === 'start' ? open : !open
}

function refuse(pending: readonly Pending[], id: string, reason: string): Pending[] {
  return pending
    .filter((each) => each.line.id !== id || each.line.type === 'say')
    .map((each) => (each.line.id === id ? { ...each, refused: reason } : each))
}

/** The visitor does something: it is pending until the server shows that it was taken. */
export function did(model: Model, line: Outgoing, at: string, files: SentFile[] = []): Model {
  return { ...model, pending: [...model.pending, { line, at, files, refused: '' }] }
}

/** Try once more what was refused, under the same id. */
export function retried(model: Model, id: string): Model {
  const pending = model.pending.map((each) => (each.line.id === id ? { ...each, refused: '' } : each))
  return { ...model, pending }
}

/** Give up what was refused. */
export function dropped(model: Model, id: string): Model {
  return { ...model, pending: model.pending.filter((each) => each.line.id !== id) }
}

/** Everything is seen. */
export function looked(model: Model): Model {
  return model.unread ? { ...model, unread: 0 } : model
}

/** What is to be said again after a hello: all that the server has neither shown nor refused. */
export function toSay(model: Model): Outgoing[] {
  return model.pending.filter((each) => !each.refused).map((each) => each.line)
}

/** Whether an agent has written after this message of the visitor's, and so has read it. */
export function isRead(model: Model, index: number): boolean {
  return model.messages.slice(index + 1).some((each) => each.by === 'agent')
}

/** Whether the buttons of the present question are to be shown: not while an answer is on its way. */
export function canPick(model: Model): boolean {
  return model.standing.options.length > 0 && !model.pending.some((each) => !each.refused)
}
