// A recording as it is heard: fetched, made seekable, and its wave found by decoding it piece by piece, so that an hour of it
// takes no more memory than a minute.
import { send, urlOf } from '../api/client'
import { signature } from '../session'
import { addPeaks, emptyPeaks, type Peaks } from './peaks'
import { readWebm, stretchesOf, type Webm, withDuration } from './webm'

/** Seconds that are decoded at once. */
const STRETCH = 60
/** Bytes of MP3 that are decoded at once. */
const MP3_PIECE = 512 * 1024
/** Larger ones are heard without a wave. */
const LARGEST_WITH_WAVE = 64 * 1024 * 1024
/** The wave needs no more than speech has; Web Audio brings the sound to this rate. */
const RATE = 8000

export interface Sound {
  url: string
  name: string
  bytes: Uint8Array<ArrayBuffer> | null
  webm: Webm | null
  type: string
  /** Seconds, where the file tells; else what the player finds out. */
  seconds: number
}

export async function fetchSound(recordingId: string): Promise<Sound> {
  const answer = await send(urlOf('/recordings/{recording_id}/audio', { recording_id: recordingId }), { headers: signature(false) })
  const blob = await answer.blob()
  const type = (blob.type || answer.headers.get('Content-Type') || 'audio/webm').split(';')[0]!
  const name = `${recordingId}.${type === 'audio/mpeg' ? 'mp3' : 'webm'}`
  const bytes = blob.size <= LARGEST_WITH_WAVE ? new Uint8Array(await blob.arrayBuffer()) : null
  const webm = bytes && type !== 'audio/mpeg' ? readWebm(bytes) : null
  const parts = (bytes && webm && withDuration(bytes, webm)) || [blob]
  return { url: URL.createObjectURL(new Blob(parts, { type })), name, bytes, webm, type, seconds: webm?.seconds ?? 0 }
}

/** The wave, growing: `found` is called with what is known of it so far. Ends early where `stop` says so. */
export async function findWave(sound: Sound, seconds: number, found: (peaks: Peaks) => void, stop: AbortSignal): Promise<void> {
  const { bytes } = sound
  if (!bytes || !Number.isFinite(seconds) || seconds <= 0) return
  const peaks = emptyPeaks(seconds)
  let at = 0
  for (const piece of piecesOf(bytes, sound)) {
    const decoded = await decode(piece.data)
    if (stop.aborted) return
    addPeaks(peaks, loudest(decoded), decoded.sampleRate, piece.at ?? at)
    at += decoded.duration
    found({ ...peaks })
  }
}

function* piecesOf(bytes: Uint8Array<ArrayBuffer>, { webm, type }: Sound): Generator<{ data: ArrayBuffer; at: number | null }> {
  if (webm) {
    const head = bytes.subarray(0, webm.head)
    for (const { from, to, at } of stretchesOf(webm, STRETCH)) {
      const data = new Uint8Array(head.length + to - from)
      data.set(head)
      data.set(bytes.subarray(from, to), head.length)
      yield { data: data.buffer, at }
    }
    return
  }
  if (type !== 'audio/mpeg') {
    yield { data: bytes.slice().buffer, at: 0 }
    return
  }
  for (let from = 0; from < bytes.length; ) {
    const to = frameFrom(bytes, from + MP3_PIECE)
    yield { data: bytes.slice(from, to).buffer, at: null }
    from = to
  }
}

/** Where the next frame of an MP3 begins. */
export function frameFrom(bytes: Uint8Array, at: number): number {
  for (let i = at; i + 1 < bytes.length; i++) {
    // Eleven set bits, a layer and a bit rate that exist.
    if (bytes[i] === 0xff && (bytes[i + 1]! & 0xe6) > 0xe0 && (bytes[i + 2]! & 0xf0) !== 0xf0) return i
  }
  return bytes.length
}

async function decode(data: ArrayBuffer): Promise<AudioBuffer> {
  return new OfflineAudioContext(1, 1, RATE).decodeAudioData(data)
}

/** Of several channels the loudest at each place. */
function loudest(decoded: AudioBuffer): Float32Array {
  const samples = decoded.getChannelData(0)
  for (let channel = 1; channel < decoded.numberOfChannels; channel++) {
    const other = decoded.getChannelData(channel)
    for (let i = 0; i < samples.length; i++) if (Math.abs(other[i]!) > Math.abs(samples[i]!)) samples[i] = other[i]!
  }
  return samples
}
