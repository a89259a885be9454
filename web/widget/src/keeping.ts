// What the browser keeps: the visitor's secret and draft (for this site), what is on its way (for this tab).
// Where storage is switched off the chat works all the same, and forgets with the page.

import type { Pending } from './model'

export class Keeping {
  private readonly memory = new Map<string, string>()

  constructor(private readonly prefix: string) {}

  get session(): string {
    return this.get(localStorageOf, 'session')
  }
  set session(secret: string) {
    this.set(localStorageOf, 'session', secret)
  }

  get draft(): string {
    return this.get(localStorageOf, 'draft')
  }
  set draft(text: string) {
    this.set(localStorageOf, 'draft', text)
  }

  /** Whether there is a conversation to listen to while the chat is closed. */
  get active(): boolean {
    return this.get(localStorageOf, 'active') === '1'
  }
  set active(active: boolean) {
    this.set(localStorageOf, 'active', active ? '1' : '')
  }

  get opened(): boolean {
    return this.get(sessionStorageOf, 'opened') === '1'
  }
  set opened(opened: boolean) {
    this.set(sessionStorageOf, 'opened', opened ? '1' : '')
  }

  get pending(): Pending[] {
    try {
      const kept: unknown = JSON.parse(this.get(sessionStorageOf, 'pending') || '[]')
      return Array.isArray(kept) ? (kept as Pending[]).filter((each) => typeof each?.line?.id === 'string') : []
    } catch {
      return []
    }
  }
  set pending(pending: readonly Pending[]) {
    this.set(sessionStorageOf, 'pending', pending.length ? JSON.stringify(pending) : '')
  }

  private get(storage: () => Storage, name: string): string {
    const key = `${this.prefix}:${name}`
    try {
      return storage().getItem(key) ?? this.memory.get(key) ?? ''
    } catch {
      return this.memory.get(key) ?? ''
    }
  }

  private set(storage: () => Storage, name: string, value: string): void {
    const key = `${this.prefix}:${name}`
    this.memory.set(key, value)
    try {
      if (value) storage().setItem(key, value)
      else storage().removeItem(key)
    } catch {
      // full, or switched off
    }
  }
}

const localStorageOf = (): Storage => window.localStorage
const sessionStorageOf = (): Storage => window.sessionStorage
