import { ref } from 'vue'
import { Codec } from './codec'
import { amrRate } from './resample'

/** Bytes of each frame by its type, narrow-band AMR (RFC 4867, section 5.3); a frame lasts 20 ms. */
const frameBytes = [13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1]
const magic = '#!AMR\n'

/** Length of a narrow-band AMR file in seconds; 0 when it is none. */
export function amrSeconds(file: Uint8Array): number {
  if (String.fromCharCode(...file.subarray(0, magic.length)) !== magic) return 0
  let frames = 0
  for (let at = magic.length; at < file.length; frames++) at += frameBytes[((file[at] ?? 0) >> 3) & 15] ?? 1
  return frames / 50
}

/** A guess by the size, at the rate that WeChat records with, before the file itself is here. */
export function likelySeconds(size: number): number {
  return Math.max(1, Math.round((size - magic.length) / 32 / 50))
}

/** Wraps decoded samples into a WAV file, which every browser plays. */
export function wav(samples: Float32Array, rate: number): Blob {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2))
  const words = (at: number, text: string) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)))
  words(0, 'RIFF')
  view.setUint32(4, 36 + samples.length * 2, true)
  words(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  words(36, 'data')
  view.setUint32(40, samples.length * 2, true)
  samples.forEach((s, i) => view.setInt16(44 + i * 2, Math.max(-1, Math.min(1, s)) * 0x7fff, true))
  return new Blob([view.buffer], { type: 'audio/wav' })
}

/** What a browser can play of a voice, and how long it is; 0 where only the browser will know. */
export interface Playable {
  source: Blob
  seconds: number
}

export async function playableOf(bytes: Uint8Array, type: string): Promise<Playable> {
  const seconds = amrSeconds(bytes)
  if (seconds === 0) return { source: new Blob([bytes as BlobPart], { type }), seconds }
  const codec = new Codec()
  try {
    return { source: wav(await codec.decode(bytes), amrRate), seconds }
  } finally {
    codec.close()
  }
}

/** What can be played of a voice that lies on the server. */
export async function fetchPlayable(url: string): Promise<Playable> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error('the voice is not there')
  return playableOf(new Uint8Array(await answer.arrayBuffer()), answer.headers.get('Content-Type') ?? '')
}

const player = new Audio()

/** Which voice plays now, by the name that its bubble gives it; one at a time. */
export const playing = ref('')
player.addEventListener('ended', () => (playing.value = ''))

export function stopVoice(): void {
  player.pause()
  playing.value = ''
}

/** Plays; fails when the browser cannot. */
export async function playVoice(name: string, source: string): Promise<void> {
  player.src = source
  playing.value = name
  try {
    await player.play()
  } catch (error) {
    playing.value = ''
    throw error
  }
}
