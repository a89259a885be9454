// WebM as MediaRecorder writes it, while it records: nothing says how long it is, and nothing where what is. Found here:
// its clusters (so that a long one is decoded piece by piece), how long it lasts, and a copy that says so.

/** A stretch of the sound: bytes, and seconds from the beginning. */
export interface Cluster {
  from: number
  to: number
  at: number
}

export interface Webm {
  /** Bytes before the first cluster: what a decoder needs before any. */
  head: number
  clusters: Cluster[]
  /** Seconds, by its own word or by its last block. */
  seconds: number
  /** Where its facts are (id, size and content), if they do not tell how long it is. */
  info: { from: number; content: number; to: number } | null
  /** Nanoseconds of a tick. */
  tick: number
}

const SEGMENT = 0x18538067
const INFO = 0x1549a966
const TICK = 0x2ad7b1
const DURATION = 0x4489
const CLUSTER = 0x1f43b675
const TIME = 0xe7
const SIMPLE_BLOCK = 0xa3
const BLOCK_GROUP = 0xa0
const BLOCK = 0xa1
const EBML = 0x1a45dfa3
/** What an Opus packet of a browser lasts, for the end of the last one. */
const LAST_BLOCK = 0.02

interface Element {
  id: number
  /** Where its content begins and ends; an unknown size is Infinity. */
  content: number
  to: number
}

function elementAt(bytes: Uint8Array, at: number): Element | null {
  const idLength = lengthOf(bytes[at])
  if (idLength === 0 || idLength > 4) return null
  let id = 0
  for (let i = 0; i < idLength; i++) id = id * 256 + (bytes[at + i] ?? 0)
  const place = at + idLength
  const sizeLength = lengthOf(bytes[place])
  if (sizeLength === 0 || place + sizeLength > bytes.length) return null
  let size = bytes[place]! & (0xff >> sizeLength)
  let unknown = size === 0xff >> sizeLength
  for (let i = 1; i < sizeLength; i++) {
    size = size * 256 + bytes[place + i]!
    unknown &&= bytes[place + i] === 0xff
  }
  const content = place + sizeLength
  return { id, content, to: unknown ? Infinity : content + size }
}

/** Bytes of an EBML number, by its first one; 0 where none begins so. */
function lengthOf(first: number | undefined): number {
  return first === undefined || first === 0 ? 0 : Math.clz32(first) - 23
}

function numberIn(bytes: Uint8Array, { content, to }: Element): number {
  let value = 0
  for (let i = content; i < Math.min(to, bytes.length, content + 8); i++) value = value * 256 + bytes[i]!
  return value
}

function floatIn(bytes: Uint8Array, { content, to }: Element): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + content, to - content)
  return to - content === 4 ? view.getFloat32(0) : to - content === 8 ? view.getFloat64(0) : 0
}

/** What is in it; null for what is no WebM. A file that breaks off is read as far as it goes. */
export function readWebm(bytes: Uint8Array): Webm | null {
  const found: Webm = { head: 0, clusters: [], seconds: 0, info: null, tick: 1_000_000 }
  let duration = 0
  let last = 0
  let open: Cluster | null = null
  let base = 0
  const first = elementAt(bytes, 0)
  if (first?.id !== EBML || !Number.isFinite(first.to)) return null
  for (let at = first.to; at < bytes.length; ) {
    const element = elementAt(bytes, at)
    if (!element) break
    let next = Math.min(element.to, bytes.length)
    if (element.id === SEGMENT || element.id === BLOCK_GROUP) {
      next = element.content
    } else if (element.id === INFO) {
      const told = factsIn(bytes, element)
      found.tick = told.tick
      duration = told.duration
      if (duration === 0 && Number.isFinite(element.to)) found.info = { from: at, content: element.content, to: element.to }
    } else if (element.id === CLUSTER) {
      if (open) open.to = at
      else found.head = at
      open = { from: at, to: bytes.length, at: 0 }
      found.clusters.push(open)
      next = element.content
    } else if (element.id === TIME && open) {
      base = numberIn(bytes, element)
      open.at = (base * found.tick) / 1e9
    } else if ((element.id === SIMPLE_BLOCK || element.id === BLOCK) && open) {
      last = Math.max(last, base + blockTime(bytes, element))
    }
    at = next
  }
  if (found.clusters.length === 0) return null
  found.seconds = duration > 0 ? (duration * found.tick) / 1e9 : (last * found.tick) / 1e9 + LAST_BLOCK
  return found
}

function factsIn(bytes: Uint8Array, info: Element): { tick: number; duration: number } {
  const told = { tick: 1_000_000, duration: 0 }
  for (let at = info.content; at < Math.min(info.to, bytes.length); ) {
    const element = elementAt(bytes, at)
    if (!element || !Number.isFinite(element.to) || element.to > bytes.length) break
    if (element.id === TICK) told.tick = numberIn(bytes, element) || told.tick
    if (element.id === DURATION) told.duration = floatIn(bytes, element)
    at = element.to
  }
  return told
}

/** A block begins with its track's number, then its time within the cluster, signed. */
function blockTime(bytes: Uint8Array, { content }: Element): number {
  const at = content + lengthOf(bytes[content])
  return at + 1 < bytes.length ? ((bytes[at]! << 24) >> 16) | bytes[at + 1]! : 0
}

/** The clusters in stretches of about so many seconds, each to be decoded by itself behind the head. */
export function stretchesOf(webm: Webm, seconds: number): Cluster[] {
  const stretches: Cluster[] = []
  for (const cluster of webm.clusters) {
    const open = stretches.at(-1)
    if (open && cluster.at - open.at < seconds) open.to = cluster.to
    else stretches.push({ ...cluster })
  }
  return stretches
}

/** The same sound, with how long it lasts written into its facts; null where it says so already, or cannot. */
export function withDuration(bytes: Uint8Array<ArrayBuffer>, webm: Webm): Uint8Array<ArrayBuffer>[] | null {
  const { info } = webm
  const segment = segmentOf(bytes)
  if (!info || !segment || Number.isFinite(segment.to)) return null
  const content = info.to - info.content
  const facts = new Uint8Array(4 + 8 + content + 11)
  const view = new DataView(facts.buffer)
  view.setUint32(0, INFO)
  view.setUint32(4, 0x01000000)
  view.setUint32(8, content + 11)
  facts.set(bytes.subarray(info.content, info.to), 12)
  view.setUint16(12 + content, DURATION)
  view.setUint8(14 + content, 0x88)
  view.setFloat64(15 + content, (webm.seconds * 1e9) / webm.tick)
  return [bytes.subarray(0, info.from), facts, bytes.subarray(info.to)]
}

function segmentOf(bytes: Uint8Array): Element | null {
  const first = elementAt(bytes, 0)
  const segment = first && elementAt(bytes, first.to)
  return segment?.id === SEGMENT ? segment : null
}
