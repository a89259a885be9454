import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frameFrom } from './sound'
import { readWebm, stretchesOf, withDuration } from './webm'

const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
const element = (id: number[], content: number[], size: number[] = [0x40 | (content.length >> 8), content.length & 0xff]) => [...id, ...size, ...content]
const block = (time: number) => element([0xa3], [0x81, (time >> 8) & 0xff, time & 0xff, 0x80, 1, 2, 3])
const cluster = (time: number, times: number[], size?: number[]) =>
  element([0x1f, 0x43, 0xb6, 0x75], [...element([0xe7], [time >> 8, time & 0xff]), ...times.flatMap(block)], size)
const INFO = [...element([0x2a, 0xd7, 0xb1], [0x0f, 0x42, 0x40]), ...element([0x4d, 0x80], [0x43])]
const HEAD = element([0x1a, 0x45, 0xdf, 0xa3], [0x42, 0x86, 0x81, 0x01])
const file = (info: number[], clusters: number[], size = UNKNOWN) =>
  new Uint8Array([...HEAD, ...element([0x18, 0x53, 0x80, 0x67], [...element([0x15, 0x49, 0xa9, 0x66], info), ...clusters], size)])
const RECORDED = file(INFO, [...cluster(0, [0, 60, 900], UNKNOWN), ...cluster(1000, [-40, 0, 940], UNKNOWN), ...cluster(30_000, [0, 500], UNKNOWN)])

test('what MediaRecorder has written is found: clusters, when they begin, and how long it lasts', () => {
  const webm = readWebm(RECORDED)!
  expect(webm.clusters.map((each) => each.at)).toEqual([0, 1, 30])
  expect(webm.clusters.map((each) => RECORDED[each.from])).toEqual([0x1f, 0x1f, 0x1f])
  expect(webm.clusters.at(-1)!.to).toBe(RECORDED.length)
  expect(webm.head).toBe(webm.clusters[0]!.from)
  expect(webm.seconds).toBeCloseTo(30.52)
})

test('clusters of known size are found as well', () => {
  const bytes = file(INFO, [...cluster(0, [0]), ...cluster(2000, [0, 10])])
  expect(readWebm(bytes)!.clusters.map((each) => each.at)).toEqual([0, 2])
})

test('a copy says how long it is, and the sound is the same', () => {
  const webm = readWebm(RECORDED)!
  const parts = withDuration(RECORDED, webm)!
  const copy = new Uint8Array(parts.flatMap((part) => [...part]))
  const read = readWebm(copy)!
  expect(read.info).toBeNull()
  expect(read.seconds).toBeCloseTo(30.52)
  expect([...copy.subarray(read.head)]).toEqual([...RECORDED.subarray(webm.head)])
  expect(withDuration(copy, read)).toBeNull()
})

test('stretches hold every byte of the sound, in order', () => {
  const webm = readWebm(RECORDED)!
  const stretches = stretchesOf(webm, 10)
  expect(stretches.map((each) => each.at)).toEqual([0, 30])
  expect(stretches[0]!.to).toBe(stretches[1]!.from)
  expect(stretchesOf(webm, 1e6)).toEqual([{ from: webm.head, to: RECORDED.length, at: 0 }])
})

test('what breaks off is read as far as it goes; what is none is none', () => {
  fc.assert(fc.property(fc.nat(RECORDED.length), (length) => void readWebm(RECORDED.subarray(0, length))))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => void readWebm(new Uint8Array([...HEAD, ...noise]))))
  expect(readWebm(RECORDED.subarray(0, RECORDED.length - 3))!.clusters.length).toBe(3)
  expect(readWebm(new Uint8Array([0x49, 0x44, 0x33, 4]))).toBeNull()
  expect(readWebm(new Uint8Array())).toBeNull()
})

test('MP3 is cut where a frame begins', () => {
  const bytes = new Uint8Array(40)
  bytes.set([0xff, 0xfb, 0x50, 0], 7)
  bytes.set([0xff, 0xe0, 0x50, 0], 20)
  bytes.set([0xff, 0xf3, 0x50, 0], 30)
  expect([frameFrom(bytes, 0), frameFrom(bytes, 8), frameFrom(bytes, 31)]).toEqual([7, 30, 40])
})
