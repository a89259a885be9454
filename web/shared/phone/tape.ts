// The recording of a conversation: what is said and heard here, mixed, and sent to the engine in pieces while it runs.
import { audio } from './audio'

const PIECE_MS = 2000
const TRIES = 5
/** Of each voice's height, so that those who speak at once are not clipped together. */
const LEVEL = 0.5

export class Tape {
  private readonly mix = new MediaStreamAudioDestinationNode(audio())
  private readonly level = new GainNode(audio(), { gain: LEVEL })
  private readonly recorder: MediaRecorder
  private sources: { stream: MediaStream; node: MediaStreamAudioSourceNode }[] = []
  private sending: Promise<unknown> = Promise.resolve()
  private count = 0

  constructor(
    private readonly recording: { id: string; key: string },
    own: MediaStreamTrack,
    private readonly failed: () => void,
  ) {
    const mime = ['audio/webm;codecs=opus', 'audio/webm'].find((type) => MediaRecorder.isTypeSupported(type))
    this.recorder = new MediaRecorder(this.mix.stream, {
      audioBitsPerSecond: 32_000,
      ...(mime ? { mimeType: mime } : {}),
    })
    this.level.connect(this.mix)
    this.add(new MediaStream([own]))
    this.recorder.ondataavailable = ({ data }) => {
      if (data.size === 0) return
      const n = this.count++
      this.sending = this.sending.then(() => this.send(n, data))
    }
    this.recorder.onstop = () => {
      const n = this.count
      this.sending = this.sending.then(() => this.send(n, new Blob(), true))
    }
    this.recorder.start(PIECE_MS)
  }

  get id(): string {
    return this.recording.id
  }

  private add(stream: MediaStream): void {
    const node = new MediaStreamAudioSourceNode(audio(), { mediaStream: stream })
    node.connect(this.level)
    this.sources.push({ stream, node })
  }

  /** Who is recorded besides oneself, from now on. */
  hear(streams: MediaStream[]): void {
    const [own, ...others] = this.sources
    for (const source of others) if (!streams.includes(source.stream)) source.node.disconnect()
    const kept = others.filter((source) => streams.includes(source.stream))
    this.sources = own ? [own, ...kept] : kept
    for (const stream of streams) if (!kept.some((source) => source.stream === stream)) this.add(stream)
  }

  set(on: boolean): void {
    if (on && this.recorder.state === 'paused') this.recorder.resume()
    if (!on && this.recorder.state === 'recording') this.recorder.pause()
  }

  private async send(n: number, data: Blob, last = false): Promise<void> {
    for (let tried = 0; tried < TRIES; tried++) {
      try {
        const response = await fetch(`/phone/recordings/${encodeURIComponent(this.recording.id)}/${n}${last ? '?last=1' : ''}`, {
          method: 'PUT',
          headers: { 'X-Recording-Key': this.recording.key, 'Content-Type': 'audio/webm' },
          body: data,
          keepalive: data.size < 60_000,
        })
        if (response.ok) return
        if (response.status < 500) break
      } catch {
        // The network; once more.
      }
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tried))
    }
    this.failed()
  }

  stop(): void {
    if (this.recorder.state !== 'inactive') this.recorder.stop()
    for (const { node } of this.sources) node.disconnect()
    this.level.disconnect()
  }
}
