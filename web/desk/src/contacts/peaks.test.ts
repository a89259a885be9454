import { expect, test } from 'vitest'
import { addPeaks, barsOf, emptyPeaks, PER_SECOND } from './peaks'

const RATE = 800

test('the loudest sample of each stretch is kept, where it was', () => {
  const peaks = emptyPeaks(2)
  const samples = new Float32Array(RATE)
  samples[0] = -0.5
  samples[RATE - 1] = 0.25
  addPeaks(peaks, samples, RATE, 1)
  expect(peaks.values.length).toBe(2 * PER_SECOND)
  expect([...peaks.values].map((value, place) => [place, value]).filter(([, value]) => value! > 0)).toEqual([
    [PER_SECOND, 0.5],
    [2 * PER_SECOND - 1, 0.25],
  ])
})

test('pieces one after the other give the same as the whole', () => {
  const samples = Float32Array.from({ length: RATE * 4 }, (_, i) => Math.sin(i) * (i / (RATE * 4)))
  const [whole, pieces] = [emptyPeaks(4), emptyPeaks(4)]
  addPeaks(whole, samples, RATE, 0)
  for (let second = 0; second < 4; second++) addPeaks(pieces, samples.subarray(second * RATE, (second + 1) * RATE), RATE, second)
  expect([...pieces.values]).toEqual([...whole.values])
})

test('what is longer than was told, or louder than can be, breaks nothing', () => {
  const peaks = emptyPeaks(0)
  addPeaks(peaks, new Float32Array(RATE).fill(7), RATE, 0)
  expect([...peaks.values]).toEqual([1])
})

test.each([
  [[0.1, 0.2, 0.4, 0], 2, [0.5, 1]],
  [[0, 0, 0], 3, [0, 0, 0]],
  [[0.01, 0], 2, [0.01, 0]],
  [[0.5], 3, [1, 1, 1]],
  [[1], 0, []],
])('bars of %j in %i', (values, count, bars) => {
  const made = barsOf({ values: Float32Array.from(values), perSecond: PER_SECOND }, count)
  expect(made.map((bar) => Math.round(bar * 100) / 100)).toEqual(bars)
})
