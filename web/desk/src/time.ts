// The server's clock as this browser knows it, and how long things have taken.
import { useSyncExternalStore } from 'react'
import { type Language, say, spoken } from './words'

const TOLERATED_MS = 2000
let offset = 0

/** From the Date header of an answer, which has whole seconds: small differences are no difference. */
export function noteServerTime(header: string | null): void {
  const server = header === null ? NaN : Date.parse(header) + 500
  if (Number.isNaN(server)) return
  const difference = server - Date.now()
  if (Math.abs(difference - offset) > TOLERATED_MS) offset = Math.abs(difference) > TOLERATED_MS ? difference : 0
}

export function serverNow(): number {
  return Date.now() + offset
}

let shown = Date.now()
const watching = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function watch(changed: () => void): () => void {
  watching.add(changed)
  timer ??= setInterval(() => {
    shown = Date.now()
    for (const each of watching) each()
  }, 500)
  return () => {
    watching.delete(changed)
    if (watching.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** The server's time in ms; the component is drawn anew twice a second. */
export function useNow(): number {
  useSyncExternalStore(watch, () => shown)
  return serverNow()
}

/** `3:07`, `1:02:09`, `2d 4h` (`2天4小时`); never negative. */
export function clockOf(ms: number, language: Language = spoken()): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours >= 48) return say(language, 'days_hours', { days: Math.floor(hours / 24), hours: hours % 24 })
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

export function since(at: string | null | undefined, now: number): number {
  return at ? now - Date.parse(at) : 0
}
