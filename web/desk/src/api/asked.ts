// What components show of the API: asked when first shown, again when a topic is touched or now and then, and kept for
// a while, so that going back shows it at once.
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { Refusal } from './client'

interface Known<T> {
  data: T | undefined
  error: Refusal | null
  loading: boolean
}

const KEPT = 300
const NOT_YET: Known<never> = { data: undefined, error: null, loading: true }
const known = new Map<string, Known<unknown>>()
const watching = new Map<string, Set<() => void>>()
const topics = new Map<string, Set<() => void>>()
const flying = new Map<string, number>()
let count = 0

function put(key: string, value: Known<unknown>): void {
  known.delete(key)
  known.set(key, value)
  if (known.size > KEPT) {
    const oldest = [...known.keys()].find((each) => !watching.get(each)?.size)
    if (oldest !== undefined) known.delete(oldest)
  }
  for (const each of watching.get(key) ?? []) each()
}

/** Whoever shows something of the topic asks again; `*` is everything. */
export function touch(topic: string): void {
  const concerned = topic === '*' ? [...topics.values()].flatMap((each) => [...each]) : [...(topics.get(topic) ?? [])]
  for (const each of new Set(concerned)) each()
}

/** Nothing of one agent's is shown to the next. */
export function forgetAsked(): void {
  known.clear()
}

async function fetchInto<T>(key: string, ask: () => Promise<T>): Promise<void> {
  const mine = ++count
  flying.set(key, mine)
  const before = known.get(key)
  if (before === undefined) put(key, NOT_YET)
  try {
    const data = await ask()
    if (flying.get(key) === mine) put(key, { data, error: null, loading: false })
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(String(error), 'unexpected', 0)
    if (flying.get(key) === mine) put(key, { data: before?.data, error: refusal, loading: false })
  }
}

export interface Asked<T> extends Known<T> {
  again: () => void
}

/** `key` names what is asked; null asks nothing. `every`: ms. `on`: topics after which it is asked again. */
export function useAsked<T>(
  key: string | null,
  ask: () => Promise<T>,
  options: { every?: number; on?: readonly string[] } = {},
): Asked<T> {
  const latest = useRef(ask)
  latest.current = ask
  const again = useCallback(() => {
    if (key !== null) void fetchInto(key, () => latest.current())
  }, [key])
  const on = (options.on ?? []).join(' ')
  const every = options.every
  useEffect(() => {
    if (key === null) return
    again()
    const names = ['*', ...on.split(' ').filter(Boolean)]
    for (const name of names) topics.set(name, (topics.get(name) ?? new Set()).add(again))
    const timer = every === undefined ? undefined : setInterval(() => document.hidden || again(), every)
    return () => {
      for (const name of names) topics.get(name)?.delete(again)
      clearInterval(timer)
    }
  }, [key, again, on, every])
  const watch = useCallback(
    (each: () => void) => {
      const all = watching.get(key ?? '') ?? new Set()
      watching.set(key ?? '', all.add(each))
      return () => all.delete(each)
    },
    [key],
  )
  const value = useSyncExternalStore(watch, () => (key === null ? NOT_YET : (known.get(key) ?? NOT_YET)))
  return { ...(value as Known<T>), again }
}

/** A deed: busy while it is under way, and its refusal in words to whoever shows it. */
export function useDeed(onRefusal: (refusal: Refusal) => void): [boolean, (deed: () => Promise<unknown>) => Promise<boolean>] {
  const [busy, setBusy] = useState(false)
  const run = useCallback(
    async (deed: () => Promise<unknown>) => {
      setBusy(true)
      try {
        await deed()
        return true
      } catch (error) {
        onRefusal(error instanceof Refusal ? error : new Refusal(String(error), 'unexpected', 0))
        return false
      } finally {
        setBusy(false)
      }
    },
    [onRefusal],
  )
  return [busy, run]
}
