// Who is signed in. A session is a cookie with a CSRF token; an API token (kept for this tab only) works as well.
import { useSyncExternalStore } from 'react'
import type { Role } from './api/types'

export interface Me {
  agentId: string
  name: string
  role: Role
}

interface Session {
  me: Me | null
  /** Still finding out. */
  asking: boolean
  /** The session ended by itself, and not by signing out. */
  lapsed: boolean
}

const KEPT = 'desk.token'
let session: Session = { me: null, asking: true, lapsed: false }
let csrf = ''
let token = ''
const watching = new Set<() => void>()

function become(next: Partial<Session>): void {
  session = { ...session, ...next }
  for (const each of watching) each()
}

export function useSession(): Session {
  return useSyncExternalStore(
    (each) => {
      watching.add(each)
      return () => watching.delete(each)
    },
    () => session,
  )
}

export function me(): Me | null {
  return session.me
}

export function may(role: Role): boolean {
  const order: Role[] = ['agent', 'supervisor', 'administrator']
  return session.me !== null && order.indexOf(session.me.role) >= order.indexOf(role)
}

/** The headers by which a request is known. */
export function signature(changes: boolean): Record<string, string> {
  if (token) return { Authorization: `Bearer ${token}` }
  return changes && csrf ? { 'X-CSRF-Token': csrf } : {}
}

/** The subprotocols of a WebSocket: a browser cannot send headers there. */
export function protocols(): string[] {
  return token ? ['contact-center', `bearer.${token}`] : ['contact-center']
}

/** Any request was answered with 401. */
export function ended(): void {
  if (session.me === null) return
  forget()
  become({ me: null, lapsed: true })
}

function forget(): void {
  token = csrf = ''
  sessionStorage.removeItem(KEPT)
}

interface SessionAnswer {
  agent_id: string
  name: string
  role: Role
  csrf: string
}

/** Find out who is signed in, when the page is loaded. */
export async function resume(): Promise<void> {
  const kept = sessionStorage.getItem(KEPT)
  try {
    if (kept) await signInWithToken(kept)
    else {
      const response = await fetch('/api/v1/session', { credentials: 'same-origin' })
      if (response.ok) accept((await response.json()) as SessionAnswer)
    }
  } catch {
    // Nobody is signed in, or the engine does not answer: the page for signing in says so when it is used.
  }
  become({ asking: false })
}

function accept(answer: SessionAnswer): void {
  csrf = answer.csrf
  become({ me: { agentId: answer.agent_id, name: answer.name, role: answer.role }, asking: false, lapsed: false })
}

/** Why somebody could not sign in: a code that the page has words for, and what the engine said. */
export class SignInFailed extends Error {
  constructor(
    readonly code: string,
    message = '',
  ) {
    super(message)
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  let response: Response
  try {
    response = await fetch('/api/v1/session', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
  } catch {
    throw new SignInFailed('unreachable')
  }
  if (!response.ok) {
    if (response.status === 401) throw new SignInFailed('wrong')
    const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
    throw new SignInFailed(problem.code ?? 'unexpected', problem.detail)
  }
  token = ''
  accept((await response.json()) as SessionAnswer)
}

/** By a token of an agent: the desk's own connection says whose it is. */
export async function signInWithToken(given: string): Promise<void> {
  if (!/^[\w.-]{8,200}$/.test(given)) throw new SignInFailed('wrong_token')
  const agentId = await agentOf(given)
  const headers = { Authorization: `Bearer ${given}` }
  const response = await fetch(`/api/v1/agents/${encodeURIComponent(agentId)}`, { headers })
  if (!response.ok) throw new SignInFailed('wrong_token')
  const agent = (await response.json()) as { id: string; name: string; role: Role }
  token = given
  sessionStorage.setItem(KEPT, given)
  become({ me: { agentId: agent.id, name: agent.name, role: agent.role }, asking: false, lapsed: false })
}

function agentOf(given: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(socketUrl('/api/v1/desk'), ['contact-center', `bearer.${given}`])
    const late = setTimeout(() => socket.close(), 10_000)
    socket.onmessage = (message) => {
      clearTimeout(late)
      const hello = JSON.parse(String(message.data)) as { data: { agent_id: string } }
      resolve(hello.data.agent_id)
      socket.send('{"say":"bye"}')
    }
    socket.onclose = () => reject(new SignInFailed('wrong_token'))
  })
}

export function socketUrl(path: string): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`
}

export async function signOut(): Promise<void> {
  const headers = signature(true)
  const byCookie = token === ''
  forget()
  become({ me: null, lapsed: false })
  if (byCookie) await fetch('/api/v1/session', { method: 'DELETE', headers }).catch(() => undefined)
}
