// What telephones sound like, made on the spot: ringing, keys, music on hold. No sound files.
import { audio } from './audio'

export type Stop = () => void

const KEYS: Record<string, [number, number]> = Object.fromEntries(
  ['123', '456', '789', '*0#'].flatMap((row, y) =>
    [...row].map((key, x): [string, [number, number]] => [key, [[697, 770, 852, 941][y]!, [1209, 1336, 1477][x]!]]),
  ),
)

function tone(out: AudioNode, frequency: number, from: number, seconds: number, level: number, type: OscillatorType = 'sine'): void {
  const context = out.context
  const oscillator = new OscillatorNode(context, { frequency, type })
  const gain = new GainNode(context, { gain: 0 })
  gain.gain.setValueAtTime(0, from)
  gain.gain.linearRampToValueAtTime(level, from + 0.02)
  gain.gain.setValueAtTime(level, from + Math.max(0.02, seconds - 0.06))
  gain.gain.linearRampToValueAtTime(0, from + seconds)
  oscillator.connect(gain).connect(out)
  oscillator.start(from)
  oscillator.stop(from + seconds + 0.05)
}

function repeated(seconds: number, play: (out: AudioNode, at: number) => void): Stop {
  const context = audio()
  const out = new GainNode(context)
  out.connect(context.destination)
  const again = () => play(out, context.currentTime + 0.05)
  again()
  const timer = setInterval(again, seconds * 1000)
  return () => {
    clearInterval(timer)
    out.disconnect()
  }
}

/** Somebody calls: a soft double ring. */
export function ring(): Stop {
  return repeated(2.4, (out, at) => {
    for (const [delay, frequency] of [[0, 659], [0.18, 784], [0.36, 988]] as const) {
      tone(out, frequency, at + delay, 0.3, 0.12, 'triangle')
    }
    for (const [delay, frequency] of [[0.8, 659], [0.98, 784], [1.16, 988]] as const) {
      tone(out, frequency, at + delay, 0.3, 0.1, 'triangle')
    }
  })
}

/** The other end rings. */
export function ringback(): Stop {
  return repeated(4, (out, at) => {
    tone(out, 440, at, 1, 0.05)
    tone(out, 480, at, 1, 0.05)
  })
}

export function keyTone(key: string): void {
  const pair = KEYS[key]
  if (!pair) return
  const context = audio()
  for (const frequency of pair) tone(context.destination, frequency, context.currentTime, 0.14, 0.08)
}

/** One short note: a message has come. */
export function blip(): void {
  const context = audio()
  tone(context.destination, 880, context.currentTime, 0.12, 0.06, 'triangle')
}

export function beep(): void {
  const context = audio()
  tone(context.destination, 1000, context.currentTime, 0.4, 0.1)
}

const CHORDS = [
  [262, 330, 392, 494],
  [220, 262, 330, 392],
  [175, 220, 262, 330],
  [196, 247, 294, 349],
] as const

/** Music on hold: slow broken chords. */
export function holdMusic(): Stop {
  let bar = 0
  return repeated(3.2, (out, at) => {
    const chord = CHORDS[bar++ % CHORDS.length]!
    ;[0, 1, 2, 3, 2, 1, 2, 3].forEach((step, i) => tone(out, chord[step]!, at + i * 0.4, 0.7, 0.05, 'triangle'))
    tone(out, chord[0] / 2, at, 3, 0.05)
  })
}
