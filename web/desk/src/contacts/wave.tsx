// The wave of a recording, as a slider: a click, a drag or a key goes to a place in it.
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { clockOf } from '../time'
import { useWords } from '../words'
import { barsOf, type Peaks } from './peaks'

const STEP = 3
const HEIGHT = 72

interface Props {
  label: string
  peaks: Peaks | null
  seconds: number
  at: number
  /** Seconds at which something was said. */
  marks: readonly number[]
  seek: (seconds: number) => void
  toggle: () => void
}

const KEYS: Record<string, (at: number, seconds: number) => number> = {
  ArrowLeft: (at) => at - 5,
  ArrowDown: (at) => at - 5,
  ArrowRight: (at) => at + 5,
  ArrowUp: (at) => at + 5,
  PageDown: (at) => at - 30,
  PageUp: (at) => at + 30,
  Home: () => 0,
  End: (_, seconds) => seconds,
}

export function Wave({ label, peaks, seconds, at, marks, seek, toggle }: Props) {
  const t = useWords()
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(0)
  const bars = useMemo(() => (peaks ? barsOf(peaks, Math.floor(width / STEP)) : []), [peaks, width])

  useEffect(() => {
    const here = box.current
    if (!here) return
    const observer = new ResizeObserver(() => setWidth(here.clientWidth))
    observer.observe(here)
    return () => observer.disconnect()
  }, [])

  useEffect(() => {
    const here = canvas.current
    const brush = here?.getContext('2d')
    if (!here || !brush || width === 0) return
    const sharp = devicePixelRatio || 1
    here.width = width * sharp
    here.height = HEIGHT * sharp
    brush.scale(sharp, sharp)
    const style = getComputedStyle(here)
    const played = seconds > 0 ? (at / seconds) * width : 0
    const [done, rest] = [style.getPropertyValue('--played'), style.getPropertyValue('--unplayed')]
    const draw = (x: number, high: number) => {
      brush.fillStyle = x + STEP / 2 <= played ? done : rest
      brush.fillRect(x, (HEIGHT - high) / 2, STEP - 1, high)
    }
    if (bars.length > 0) bars.forEach((bar, index) => draw(index * STEP, Math.max(2, bar * (HEIGHT - 10))))
    else for (let x = 0; x < width; x += STEP) draw(x, 2)
    brush.fillStyle = style.getPropertyValue('--mark')
    for (const mark of marks) brush.fillRect((mark / Math.max(seconds, 1)) * width - 1, HEIGHT - 4, 2, 4)
    brush.fillStyle = style.color
    brush.fillRect(Math.min(Math.max(0, played - 1), width - 2), 0, 2, HEIGHT)
  }, [bars, width, at, seconds, marks])

  const pointed = (event: PointerEvent<HTMLDivElement>) => {
    const place = event.currentTarget.getBoundingClientRect()
    seek(((event.clientX - place.left) / place.width) * seconds)
  }
  const pressed = (event: KeyboardEvent) => {
    const to = KEYS[event.key]
    if (to) seek(to(at, seconds))
    else if (event.key === ' ' || event.key === 'Enter') toggle()
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={box}
      className="wave"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.round(seconds)}
      aria-valuenow={Math.round(at)}
      aria-valuetext={t('hear_place', { at: clockOf(at * 1000), of: clockOf(seconds * 1000) })}
      onKeyDown={pressed}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        pointed(event)
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && pointed(event)}
    >
      <canvas ref={canvas} aria-hidden="true" />
    </div>
  )
}
