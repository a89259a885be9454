// What a page plays: the audio elements it makes and the tones that stand out in them, and what sounds besides
// conversations: what it makes itself (music on hold is made of oscillators), and files (music in line).
(() => {
  const elements = new Set(), ears = new Map()
  const Sounding = window.Audio
  window.Audio = function (...given) { const made = new Sounding(...given); elements.add(made); return made }
  window.Audio.prototype = Sounding.prototype
  // Every connection that the page has made, for whoever asks why nothing is heard.
  const connections = [], Connecting = window.RTCPeerConnection
  window.RTCPeerConnection = function (...given) {
    const made = new Connecting(...given)
    connections.push(made)
    return made
  }
  window.RTCPeerConnection.prototype = Connecting.prototype
  window.howConnected = async () => Promise.all(connections.map(async (each) => {
    const stats = [...(await each.getStats()).values()]
    const of = (type) => stats.find((one) => one.type === type && one.kind === 'audio')
    return {
      state: each.connectionState, signaling: each.signalingState, ice: each.iceConnectionState,
      gathering: each.iceGatheringState,
      lines: each.getTransceivers().map((line) => `${line.mid} ${line.direction} ${line.currentDirection}`),
      sends: each.getSenders().map(({track}) => track && `${track.label || 'made here'} ${track.readyState} enabled=${track.enabled} muted=${track.muted}`),
      sent: of('outbound-rtp')?.packetsSent, got: of('inbound-rtp')?.packetsReceived,
      energy: [of('media-source')?.totalAudioEnergy, of('inbound-rtp')?.totalAudioEnergy],
    }
  }))
  window.howPlayed = () => [...elements].map((each) => ({muted: each.muted, paused: each.paused,
    tracks: each.srcObject && each.srcObject.getAudioTracks().map((track) => `${track.readyState} muted=${track.muted}`)}))
  let context
  const playing = () => [...elements].filter((each) =>
    !each.muted && each.volume > 0 && each.srcObject && each.srcObject.getAudioTracks().some((track) => track.readyState === 'live'))
  const earOf = (stream) => {
    context ??= new AudioContext()
    if (!ears.has(stream)) {
      const ear = new AnalyserNode(context, {fftSize: 16384, smoothingTimeConstant: 0})
      new MediaStreamAudioSourceNode(context, {mediaStream: stream}).connect(ear)
      ears.set(stream, ear)
    }
    return ears.get(stream)
  }
  // The names of the tones that stand out in a good second of streams.
  const tonesIn = async (streams, tones) => {
    const heard = new Set()
    for (let look = 0; look < 12; look++) {
      for (const each of streams()) {
        const ear = earOf(each), levels = new Float32Array(ear.frequencyBinCount)
        ear.getFloatFrequencyData(levels)
        for (const [name, pitch] of Object.entries(tones)) {
          const bin = Math.round(pitch / context.sampleRate * ear.fftSize)
          const here = Math.max(...levels.subarray(bin - 2, bin + 3))
          const around = [...levels.subarray(bin - 40, bin - 15), ...levels.subarray(bin + 15, bin + 40)].sort((a, b) => a - b)[25]
          if (here > -55 && here > around + 20) heard.add(name)
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return [...heard].sort()
  }
  window.tonesHeard = async (tones) => tonesIn(() => playing().map((each) => each.srcObject), tones)
  // What the page's own audio contexts send to the loudspeaker goes past an ear too.
  const taps = new Map(), connect = AudioNode.prototype.connect
  AudioNode.prototype.connect = function (to, ...how) {
    if (to instanceof AudioDestinationNode && this.context instanceof AudioContext && this.context !== context) {
      if (!taps.has(to)) taps.set(to, new AnalyserNode(this.context, {fftSize: 2048}))
      connect.call(this, taps.get(to))
    }
    return connect.call(this, to, ...how)
  }
  // An element that plays files sends what it plays through an ear on its way to the loudspeaker.
  const players = new Set()
  const tapPlayers = () => {
    for (const each of elements) {
      if (players.has(each) || each.srcObject || !each.currentSrc) continue
      players.add(each)
      const own = new AudioContext()
      new MediaElementAudioSourceNode(own, {mediaElement: each}).connect(own.destination)
    }
  }
  // The paths of the files that are being played.
  window.filesPlaying = () => [...elements].filter((each) => !each.srcObject && !each.paused && each.currentTime > 0)
    .map((each) => new URL(each.currentSrc).pathname)
  // For how much of a second and a half the page itself, or a file that it plays, made sounds, 0 to 1.
  window.soundsMade = async () => {
    const samples = new Float32Array(2048)
    let sounding = 0
    tapPlayers()
    for (let look = 0; look < 15; look++) {
      for (const tap of taps.values()) {
        tap.getFloatTimeDomainData(samples)
        if (samples.some((each) => Math.abs(each) > 0.005)) { sounding++; break }
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return sounding / 15
  }
  // The names of the tones that go into the page's newest recording just now.
  let tape
  const Recording = window.MediaRecorder
  window.MediaRecorder = class extends Recording {
    constructor(stream, ...how) {
      super(stream, ...how)
      tape = stream
    }
  }
  window.tonesTaped = async (tones) => tape ? tonesIn(() => [tape], tones) : ['no recording']
  // How long a recording is, in seconds, and which tones stand out somewhere in it.
  window.tonesRecorded = async (url, tones) => {
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
    const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(await response.arrayBuffer())
    const samples = sound.getChannelData(0), window_ = 12000, heard = new Set()
    for (let from = 0; from + window_ <= samples.length; from += window_ / 2) {
      const power = (pitch) => {
        const turn = 2 * Math.cos(2 * Math.PI * pitch / sound.sampleRate)
        let before = 0, last = 0
        for (let at = from; at < from + window_; at++) [before, last] = [last, samples[at] + turn * last - before]
        return (before * before + last * last - turn * before * last) / (window_ * window_)
      }
      for (const [name, pitch] of Object.entries(tones)) {
        const here = power(pitch), around = Math.max(power(pitch - 37), power(pitch + 37))
        if (here > 1e-6 && here > 50 * around) heard.add(name)
      }
    }
    return {seconds: sound.duration, heard: [...heard].sort()}
  }
})()
