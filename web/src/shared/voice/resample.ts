/** What AMR takes: 8,000 samples a second, in frames of 20 ms. */
export const amrRate = 8_000
const frame = 160

/** How far a sample is heard on each side, in samples of the slower rate; more is sharper and slower. */
const reach = 8

/**
 * Brings samples to another rate. What lies above half the new rate is taken out first, or it would come back as a
 * whistle. Samples are kept within -1 and 1.
 */
export function resample(samples: Float32Array, from: number, to = amrRate): Float32Array {
  const ratio = from / to
  const out = new Float32Array(Math.floor(samples.length / ratio))
  const wide = Math.max(1, ratio) // samples of the input to one of the slower rate
  const half = Math.ceil(reach * wide)
  for (let i = 0; i < out.length; i++) {
    const middle = i * ratio
    const first = Math.max(0, Math.ceil(middle - half))
    const last = Math.min(samples.length - 1, Math.floor(middle + half))
    let sum = 0
    let weights = 0
    for (let j = first; j <= last; j++) {
      const weight = bell((j - middle) / wide)
      sum += samples[j]! * weight
      weights += weight
    }
    out[i] = Math.max(-1, Math.min(1, sum / weights))
  }
  return out
}

/** A sinc under a Hann window, looked up: a minute of voice asks for it fifty million times. */
const steps = 512
const bells = Float32Array.from({ length: reach * steps + 1 }, (_, i) => {
  const angle = (Math.PI * i) / steps
  return i === 0 ? 1 : (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / reach))
})

function bell(x: number): number {
  return bells[Math.round(Math.abs(x) * steps)] ?? 0
}

/** Fills the last frame with silence, and adds one more that the encoder leaves out. */
export function wholeFrames(samples: Float32Array): Float32Array {
  const out = new Float32Array(Math.ceil(samples.length / frame) * frame + frame)
  out.set(samples)
  return out
}
