/** Fen as yuan, as prices are written: ¥1,280.50. */
export function yuan(fen: number): string {
  return (fen < 0 ? '-' : '') + '¥' + (Math.abs(fen) / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
