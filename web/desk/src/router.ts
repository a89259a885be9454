// Addresses under /desk/ : where the desk is, and how to go elsewhere.
import { useMemo, useSyncExternalStore } from 'react'

const BASE = '/desk'
const watching = new Set<() => void>()

function changed(): void {
  for (const each of watching) each()
}

addEventListener('popstate', changed)

export function here(): string {
  return location.pathname.replace(BASE, '') || '/'
}

export function hrefOf(to: string): string {
  return BASE + to
}

export function go(to: string, replace = false): void {
  if (to === here() + location.search) return
  if (replace) history.replaceState(null, '', hrefOf(to))
  else history.pushState(null, '', hrefOf(to))
  changed()
}

function watch(each: () => void): () => void {
  watching.add(each)
  return () => watching.delete(each)
}

/** The parts of the address: `/tickets/12345678` is `['tickets', '12345678']`. */
export function usePlace(): string[] {
  const path = useSyncExternalStore(watch, here)
  return path.split('/').filter(Boolean).map(decodeURIComponent)
}

/** What the address says behind its question mark. */
export function useQuery(): URLSearchParams {
  const search = useSyncExternalStore(watch, () => location.search)
  return useMemo(() => new URLSearchParams(search), [search])
}
