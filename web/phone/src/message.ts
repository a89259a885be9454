// A message after the beep: recorded here, and handed over whole when it ends.
import type { Microphone } from '../../shared/phone/audio'
import { beep } from '../../shared/phone/tones'
import { Level } from './level'

export interface Wanted {
  max_seconds: number
  silence?: number
  beep?: boolean
}

export interface Left {
  seconds: number
  data?: string
}

/** From here on somebody speaks, 0 to 1. */
const SPEECH = 0.35
const BEEP_MS = 450
const LOOKS_MS = 200
/** Bytes: the engine takes three million letters, and base64 makes four of three. */
const LARGEST = 2_200_000

export class Message {
  private readonly recorder: MediaRecorder | null
  private readonly level: Level | null
  private readonly pieces: Blob[] = []
  private readonly timer: ReturnType<typeof setInterval>
  private readonly begun: number
  private spokenAt: number
  private spoken = false
  private size = 0
  private ended: Promise<Left> | null = null

  /** `over` is called when it ends by itself: nobody speaks, or it is long enough. */
  constructor(
    private readonly wanted: Wanted,
    microphone: Microphone,
    private readonly over: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    if (wanted.beep !== false) beep()
    this.begun = this.spokenAt = this.now() + (wanted.beep === false ? 0 : BEEP_MS)
    this.level = microphone.real ? new Level(microphone.track) : null
    this.recorder = microphone.real ? recorderOf(microphone.track) : null
    if (this.recorder) {
      this.recorder.ondataavailable = ({ data }) => {
        this.pieces.push(data)
        this.size += data.size
      }
      this.recorder.start(1000)
    }
    this.timer = setInterval(() => this.look(), LOOKS_MS)
  }

  private look(): void {
    const now = this.now()
    if (now < this.begun) return
    if (this.level && this.level.now() >= SPEECH) {
      this.spoken = true
      this.spokenAt = now
    }
    const silent = (now - this.spokenAt) / 1000 >= (this.wanted.silence ?? 5)
    const long = (now - this.begun) / 1000 >= this.wanted.max_seconds
    if (silent || long || this.size >= LARGEST) this.over()
  }

  /** The message; nothing where nobody spoke. */
  finish(): Promise<Left> {
    this.ended ??= this.end()
    return this.ended
  }

  private async end(): Promise<Left> {
    clearInterval(this.timer)
    this.level?.close()
    const { recorder } = this
    const seconds = Math.max(0, (this.now() - this.begun) / 1000)
    if (!recorder) return { seconds: 0 }
    if (recorder.state !== 'inactive') {
      const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }))
      recorder.stop()
      await stopped
    }
    if (!this.spoken) return { seconds: 0 }
    return { seconds: Math.round(seconds * 10) / 10, data: await base64(new Blob(this.pieces)) }
  }
}

function recorderOf(track: MediaStreamTrack): MediaRecorder {
  const type = ['audio/webm;codecs=opus', 'audio/webm'].find((each) => MediaRecorder.isTypeSupported(each))
  return new MediaRecorder(new MediaStream([track]), {
    audioBitsPerSecond: 24_000,
    ...(type ? { mimeType: type } : {}),
  })
}

async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768))
  return btoa(text)
}
