// The page's one AudioContext. Browsers keep it silent until somebody has clicked or typed.
let context: AudioContext | null = null

export function audio(): AudioContext {
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume()
  return context
}

/** Wake it with the first click or key, whatever that is for. */
export function wakeWithFirstGesture(): void {
  const wake = () => void audio().resume()
  addEventListener('pointerdown', wake, { once: true, capture: true })
  addEventListener('keydown', wake, { once: true, capture: true })
}

/** A track that carries silence, for who has no microphone (or does not allow it). */
export function silence(): MediaStreamTrack {
  return new MediaStreamAudioDestinationNode(audio()).stream.getAudioTracks()[0]!
}

export type MicrophoneProblem = 'denied' | 'missing' | 'busy' | 'insecure'

export interface Microphone {
  track: MediaStreamTrack
  real: boolean
  /** Why it is none, where it is not `real`. */
  problem: MicrophoneProblem | null
}

const PROBLEMS: Record<string, MicrophoneProblem> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
}

export async function openMicrophone(): Promise<Microphone> {
  if (!navigator.mediaDevices) return { track: silence(), real: false, problem: 'insecure' }
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    })
    return { track: stream.getAudioTracks()[0]!, real: true, problem: null }
  } catch (error) {
    const problem = PROBLEMS[error instanceof Error ? error.name : ''] ?? 'busy'
    return { track: silence(), real: false, problem }
  }
}
