// How loud the microphone is.
import { audio } from '../../shared/phone/audio'

export class Level {
  private readonly source: MediaStreamAudioSourceNode
  private readonly analyser = new AnalyserNode(audio(), { fftSize: 512 })
  private readonly samples = new Float32Array(512)

  constructor(track: MediaStreamTrack) {
    this.source = new MediaStreamAudioSourceNode(audio(), { mediaStream: new MediaStream([track]) })
    this.source.connect(this.analyser)
  }

  /** 0 is silence, 1 loud. */
  now(): number {
    this.analyser.getFloatTimeDomainData(this.samples)
    const power = this.samples.reduce((sum, each) => sum + each * each, 0) / this.samples.length
    return loudness(Math.sqrt(power))
  }

  close(): void {
    this.source.disconnect()
  }
}

/** Of a mean amplitude, in decibels between -60 and -10, because people hear so. */
export function loudness(amplitude: number): number {
  if (amplitude <= 0) return 0
  return Math.min(1, Math.max(0, (20 * Math.log10(amplitude) + 60) / 50))
}
