/** WeChat takes a voice of at most 60 s. */
export const longest = 60
/** From here on the seconds left are told. */
export const warnFrom = 50
/** What is shorter was a slip of the finger. */
export const shortest = 1

/** What the microphone gave so far, at most as long as may be sent. Its length is counted by samples, not by a clock. */
export class Take {
  private pieces: Float32Array[] = []
  private count = 0
  private readonly most: number

  constructor(readonly rate: number) {
    this.most = Math.floor(rate * longest)
  }

  get seconds(): number {
    return this.count / this.rate
  }

  get full(): boolean {
    return this.count >= this.most
  }

  add(piece: Float32Array): void {
    const kept = piece.subarray(0, this.most - this.count)
    this.pieces.push(kept)
    this.count += kept.length
  }

  samples(): Float32Array {
    const all = new Float32Array(this.count)
    let at = 0
    for (const piece of this.pieces) {
      all.set(piece, at)
      at += piece.length
    }
    return all
  }
}

/** How loud samples are, 0 to 1, as an ear would say. */
export function loudness(piece: Float32Array): number {
  const mean = Math.sqrt(piece.reduce((sum, x) => sum + x * x, 0) / Math.max(1, piece.length))
  return Math.min(1, Math.max(0, 1 + Math.log10(Math.max(mean, 1e-4)) / 2.5))
}
