import { expect, test } from 'vitest'
import { resample, wholeFrames } from '@/shared/voice/resample'
import { longest, loudness, Take } from './take'
import { troubleOf } from './recorder'

const tone = (hz: number, rate: number, seconds: number) => Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate))
const strength = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)

test.each([48_000, 44_100, 16_000, 8_000])('a voice of %i samples a second keeps its tones and its length', (rate) => {
  const out = resample(tone(440, rate, 1), rate)
  expect(out.length).toBe(8_000)
  expect(strength(out)).toBeCloseTo(0.5 / Math.SQRT2, 2)
  const wanted = tone(440, 8_000, 1)
  expect(Math.max(...out.slice(100, 7_900).map((x, i) => Math.abs(x - wanted[i + 100]!)))).toBeLessThan(0.01)
})

test('what is too high for 8,000 samples a second is taken out and does not come back as a whistle', () => {
  expect(strength(resample(tone(6_000, 48_000, 1), 48_000))).toBeLessThan(0.005)
})

test('samples that are too loud are cut, not turned over', () => {
  expect([...resample(new Float32Array(48_000).fill(3), 48_000)].every((x) => x === 1)).toBe(true)
})

test('a recording is brought to whole frames, and one more that the encoder leaves out', () => {
  expect([0, 1, 160, 161].map((n) => wholeFrames(new Float32Array(n)).length)).toEqual([160, 320, 320, 480])
})

test('a take is full at a minute, whatever comes after, and is counted by samples', () => {
  const take = new Take(48_000)
  const piece = new Float32Array(4_096).fill(0.25)
  for (let n = 0; n < 1_000; n++) take.add(piece)
  expect([take.full, take.seconds, take.samples().length]).toEqual([true, longest, 48_000 * longest])
  expect(take.samples()[48_000 * longest - 1]).toBe(0.25)
})

test('silence is nothing and a loud voice is nearly everything', () => {
  expect(loudness(new Float32Array(100))).toBe(0)
  expect(loudness(tone(440, 8_000, 1))).toBeGreaterThan(0.7)
})

test('each refusal of the browser has its own words', () => {
  const named = (name: string) => Object.assign(new Error('x'), { name })
  expect(['NotAllowedError', 'NotFoundError', 'NotReadableError', 'TypeError'].map((n) => troubleOf(named(n)))).toEqual(['refused', 'missing', 'taken', 'broken'])
})
