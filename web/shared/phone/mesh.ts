// The sound of one conversation, browser to browser: a connection to each other end by perfect negotiation
// (w3c.github.io/webrtc-pc/#perfect-negotiation-example). Hold, mute and whisper are who sends to whom.
import type { Peer, Signal, Talk } from './messages'

export type MediaState = 'connected' | 'failed'

/** Whoever is not connected tries again so often. */
const PATIENCE_MS = 6000

/** How long the other end hears a key, and the silence after it. */
const KEY_MS = 200
const AFTER_KEY_MS = 70

interface Options {
  ice: RTCIceServer[]
  track: MediaStreamTrack
  /** Whether the person at this end has muted it, whatever the conversation says. */
  muted: () => boolean
  signal: (peer: string, data: Signal) => void
  state: (peer: string, state: MediaState) => void
  /** What comes from the others, for the recording. */
  streams: () => void
}

class End {
  readonly connection: RTCPeerConnection
  readonly sound = new Audio()
  stream: MediaStream | null = null
  private readonly sender: RTCRtpSender
  private sending: MediaStreamTrack | null
  private offering = false
  private ignoring = false
  private settling = false
  private readonly impatient: ReturnType<typeof setInterval>

  constructor(
    public peer: Peer,
    private readonly options: Options,
  ) {
    this.connection = new RTCPeerConnection({ iceServers: options.ice })
    // addTrack, not addTransceiver: only then does an offer of the other end take the same line.
    this.sender = this.connection.addTrack(options.track, new MediaStream([options.track]))
    this.sending = options.track
    this.sound.autoplay = true
    this.connection.ontrack = ({ track, streams }) => {
      this.stream = streams[0] ?? new MediaStream([track])
      this.sound.srcObject = this.stream
      void this.sound.play().catch(() => undefined)
      options.streams()
    }
    this.connection.onicecandidate = ({ candidate }) =>
      options.signal(this.peer.peer, { candidate: candidate?.toJSON() ?? null })
    // The first offer is made by one end only: Chromium's gathering hangs now and then after a rolled back first one.
    this.connection.onnegotiationneeded = () => {
      if (!this.peer.polite || this.connection.remoteDescription) void this.offer()
    }
    this.connection.onconnectionstatechange = () => {
      const { connectionState } = this.connection
      if (connectionState === 'connected') options.state(this.peer.peer, 'connected')
      if (connectionState === 'failed') {
        options.state(this.peer.peer, 'failed')
        this.connection.restartIce()
      }
    }
    this.impatient = setInterval(() => this.insist(), PATIENCE_MS)
  }

  /** As long as there is no connection: an offer or its answer can have been lost, and it is said again. */
  private insist(): void {
    const { connection } = this
    if (connection.connectionState === 'connected') {
      clearInterval(this.impatient)
      return
    }
    if (this.peer.polite) return
    const { localDescription } = connection
    if (connection.signalingState === 'have-local-offer' && localDescription) {
      this.options.signal(this.peer.peer, { description: localDescription.toJSON() })
    } else connection.restartIce()
  }

  private async offer(): Promise<void> {
    try {
      this.offering = true
      await this.connection.setLocalDescription()
      const { localDescription } = this.connection
      if (localDescription) this.options.signal(this.peer.peer, { description: localDescription.toJSON() })
    } finally {
      this.offering = false
    }
  }

  async heed({ description, candidate }: Signal): Promise<void> {
    const { connection } = this
    if (description) {
      const ready =
        !this.offering && (connection.signalingState === 'stable' || this.settling)
      const collides = description.type === 'offer' && !ready
      this.ignoring = !this.peer.polite && collides
      if (this.ignoring) return
      this.settling = description.type === 'answer'
      try {
        await connection.setRemoteDescription(description)
      } finally {
        this.settling = false
      }
      if (description.type === 'offer') {
        await connection.setLocalDescription()
        const answer = connection.localDescription
        if (answer) this.options.signal(this.peer.peer, { description: answer.toJSON() })
      }
    } else if (candidate !== undefined) {
      try {
        await connection.addIceCandidate(candidate ?? undefined)
      } catch (error) {
        if (!this.ignoring) throw error
      }
    }
  }

  set(peer: Peer, track: MediaStreamTrack): void {
    this.peer = peer
    this.sound.muted = !peer.hear
    const wanted = peer.send ? track : null
    // By what was asked for last: the sender still shows the track before while a change waits for a negotiation.
    if (this.sending !== wanted) void this.sender.replaceTrack(wanted).catch(() => undefined)
    this.sending = wanted
  }

  /** The other end's browser makes the tones (RFC 4733); what was pressed before is not cut short. */
  press(keys: string): void {
    const { dtmf } = this.sender
    if (this.peer.send && dtmf?.canInsertDTMF) dtmf.insertDTMF(dtmf.toneBuffer + keys, KEY_MS, AFTER_KEY_MS)
  }

  close(): void {
    clearInterval(this.impatient)
    this.connection.ontrack = this.connection.onicecandidate = this.connection.onnegotiationneeded = null
    this.connection.onconnectionstatechange = null
    this.connection.close()
    this.sound.srcObject = null
  }
}

export class Mesh {
  private readonly ends = new Map<string, End>()
  /** Signals that came before their end was told of. */
  private readonly early = new Map<string, Signal[]>()
  private work: Promise<void> = Promise.resolve()
  private muted = false

  constructor(private readonly options: Options) {}

  set(talk: Talk): void {
    const wanted = new Map(talk.peers.map((peer) => [peer.peer, peer]))
    for (const [name, end] of this.ends) {
      if (wanted.has(name)) continue
      end.close()
      this.ends.delete(name)
    }
    for (const [name, peer] of wanted) {
      let end = this.ends.get(name)
      if (!end) {
        end = new End(peer, this.options)
        this.ends.set(name, end)
        for (const data of this.early.get(name) ?? []) this.heed(name, data)
        this.early.delete(name)
      }
      end.set(peer, this.options.track)
    }
    this.muted = talk.muted
    this.mute()
    this.options.streams()
  }

  /** Heed anew who is muted. */
  mute(): void {
    this.options.track.enabled = !this.muted && !this.options.muted()
  }

  /** Keys are heard by whoever hears this end, though it is muted. */
  press(keys: string): void {
    for (const end of this.ends.values()) end.press(keys)
  }

  /** One after another: candidates must not overtake their description. */
  heed(peer: string, data: Signal): void {
    const end = this.ends.get(peer)
    if (!end) {
      this.early.set(peer, [...(this.early.get(peer) ?? []), data].slice(-64))
      return
    }
    this.work = this.work.then(() => end.heed(data)).catch(() => undefined)
  }

  /** What of the others belongs in a recording now: all that is heard, but nobody's whisper. */
  heard(): MediaStream[] {
    return [...this.ends.values()].flatMap(({ peer, stream }) => (peer.hear && !peer.whisper && stream ? [stream] : []))
  }

  /** The network was away, and is perhaps another one now: what has suffered is connected anew. */
  recover(): void {
    for (const { connection } of this.ends.values()) {
      if (['disconnected', 'failed'].includes(connection.connectionState)) connection.restartIce()
    }
  }

  connections(): RTCPeerConnection[] {
    return [...this.ends.values()].map((end) => end.connection)
  }

  close(): void {
    for (const end of this.ends.values()) end.close()
    this.ends.clear()
  }
}
