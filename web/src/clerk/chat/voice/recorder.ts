import { onScopeDispose, ref } from 'vue'
import { Codec } from '@/shared/voice/codec'
import worklet from './microphone.worklet.js?url'
import { loudness, shortest, Take } from './take'

/** Why nothing can be recorded; each has its words. */
export type Trouble = 'insecure' | 'unsupported' | 'refused' | 'missing' | 'taken' | 'codec' | 'short' | 'broken'
export type RecorderState = 'asking' | 'recording' | 'working' | 'ready' | 'failed'

const asked: MediaStreamConstraints = {
  audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
}

class Failure extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble)
  }
}

/** What the browser says of a microphone, as one of our troubles. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof Failure) return error.trouble
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
    case 'AbortError':
      return 'taken'
    default:
      return 'broken'
  }
}

/** One voice: from the microphone to an AMR file. It stops by itself when it is as long as may be sent. */
export function useRecorder() {
  const state = ref<RecorderState>('asking')
  const trouble = ref<Trouble>('broken')
  const seconds = ref(0)
  const level = ref(0)
  const full = ref(false)
  const file = ref<Uint8Array>()
  let codec: Codec | undefined
  let context: AudioContext | undefined
  let stream: MediaStream | undefined
  let node: AudioWorkletNode | undefined
  let take: Take | undefined
  let turn = 0

  /** Lets the microphone go, so that the phone stops showing that it listens. */
  function letGo(): void {
    stream?.getTracks().forEach((track) => track.stop())
    if (node) node.port.onmessage = null
    void context?.close().catch(() => undefined)
    stream = context = node = undefined
  }

  function fail(error: unknown): void {
    letGo()
    trouble.value = troubleOf(error)
    state.value = 'failed'
  }

  /** Must be called where somebody tapped: browsers open the microphone for nobody else. */
  async function start(): Promise<void> {
    const mine = ++turn
    letGo()
    state.value = 'asking'
    seconds.value = level.value = 0
    full.value = false
    file.value = undefined
    try {
      if (!window.isSecureContext) throw new Failure('insecure')
      if (!navigator.mediaDevices?.getUserMedia || !('AudioWorkletNode' in window)) throw new Failure('unsupported')
      codec ??= new Codec()
      context = new AudioContext()
      void context.resume()
      const heard = await navigator.mediaDevices.getUserMedia(asked)
      if (mine !== turn) return heard.getTracks().forEach((track) => track.stop())
      stream = heard
      await Promise.all([
        context.audioWorklet.addModule(worklet).catch(() => Promise.reject(new Failure('codec'))),
        codec.ready.catch(() => Promise.reject(new Failure('codec'))),
      ])
      if (mine !== turn) return
      node = new AudioWorkletNode(context, 'microphone', { numberOfOutputs: 1, channelCount: 1, channelCountMode: 'explicit' })
      take = new Take(context.sampleRate)
      node.port.onmessage = (e: MessageEvent<Float32Array | null>) => hear(e.data)
      context.createMediaStreamSource(stream).connect(node)
      node.connect(context.destination) // silent; what leads nowhere is not run
      stream.getAudioTracks()[0]?.addEventListener('ended', stop) // a call came in, or the headset was pulled
      state.value = 'recording'
    } catch (error) {
      if (mine !== turn) return
      codec?.close()
      codec = undefined // the next try loads it again
      fail(error)
    }
  }

  function hear(piece: Float32Array | null): void {
    if (!take) return
    if (piece === null) return void finish(take)
    take.add(piece)
    seconds.value = take.seconds
    level.value = loudness(piece)
    if (take.full && state.value === 'recording') {
      full.value = true
      stop()
    }
  }

  /** Ends the recording; what was said is made into a file. */
  function stop(): void {
    if (state.value !== 'recording') return
    state.value = 'working'
    if (context?.state === 'running') node?.port.postMessage('end')
    else if (take) void finish(take) // asleep: nothing more is heard
  }

  async function finish(said: Take): Promise<void> {
    const mine = turn
    take = undefined
    letGo()
    if (said.seconds < shortest) return fail(new Failure('short'))
    try {
      codec ??= new Codec()
      const amr = await codec.encode(said.samples(), said.rate)
      if (mine !== turn) return
      file.value = amr
      state.value = 'ready'
    } catch (error) {
      if (mine === turn) fail(error)
    }
  }

  const hidden = () => document.visibilityState === 'hidden' && stop() // nobody is recorded without seeing it
  document.addEventListener('visibilitychange', hidden)
  onScopeDispose(() => {
    turn++
    document.removeEventListener('visibilitychange', hidden)
    letGo()
    codec?.close()
  })

  return { state, trouble, seconds, level, full, file, start, stop }
}
