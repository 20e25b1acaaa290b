/// <reference lib="webworker" />
// The codec installs itself as this worker's onmessage: {command: 'decode', buffer} -> {amr: samples | null} and
// {command: 'encode', samples, sampleRate} -> {amr: bytes | null}. It is OpenCORE's (Apache 2.0) in an MIT wrapping.
import codec from 'benz-amr-recorder/src/amrnb.js'
import { amrRate, resample, wholeFrames } from './resample'

codec()
const answer = self.onmessage as (e: Pick<MessageEvent, 'data'>) => void

self.onmessage = (e: MessageEvent<{ command: string; samples: Float32Array; rate: number }>) => {
  if (e.data.command !== 'record') return answer(e)
  const samples = wholeFrames(resample(e.data.samples, e.data.rate))
  answer({ data: { command: 'encode', samples, sampleRate: amrRate } })
}

self.postMessage({ command: 'ready' })
