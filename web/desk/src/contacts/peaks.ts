// The wave of a sound: how loud it is, many times a second, and as the bars that are drawn.

/** Peaks of a second. An hour of them is some 300 kB, however the sound is stored. */
export const PER_SECOND = 20

export interface Peaks {
  /** 0 to 1. */
  values: Float32Array
  perSecond: number
}

export function emptyPeaks(seconds: number): Peaks {
  return { values: new Float32Array(Math.max(1, Math.ceil(seconds * PER_SECOND))), perSecond: PER_SECOND }
}

/** Samples that begin at `at` seconds, into the peaks; what goes beyond their end is left out. */
export function addPeaks(peaks: Peaks, samples: Float32Array, rate: number, at: number): void {
  const first = Math.round(at * peaks.perSecond)
  const step = rate / peaks.perSecond
  for (let index = 0; index * step < samples.length; index++) {
    const place = first + index
    if (place >= peaks.values.length) break
    let most = peaks.values[place] ?? 0
    const end = Math.min(samples.length, Math.round((index + 1) * step))
    for (let i = Math.round(index * step); i < end; i++) {
      const loud = Math.abs(samples[i]!)
      if (loud > most) most = loud
    }
    if (place >= 0) peaks.values[place] = Math.min(1, most)
  }
}

/** So many bars over the whole length, as high as the loudest in each; the loudest of all is 1, silence stays low. */
export function barsOf(peaks: Peaks, count: number): number[] {
  const { values } = peaks
  let most = 0
  for (const value of values) if (value > most) most = value
  const scale = most > 0.02 ? 1 / most : 1
  return Array.from({ length: Math.max(0, count) }, (_, bar) => {
    const from = Math.floor((bar * values.length) / count)
    const to = Math.max(from + 1, Math.floor(((bar + 1) * values.length) / count))
    let loud = 0
    for (let i = from; i < Math.min(to, values.length); i++) if (values[i]! > loud) loud = values[i]!
    return loud * scale
  })
}
