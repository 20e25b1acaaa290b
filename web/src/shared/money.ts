/** Fen as yuan, as prices are written: ¥1,280.50. */
export function yuan(fen: number): string {
  return (fen < 0 ? '-' : '') + '¥' + (Math.abs(fen) / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

/** Yuan as they are typed (1,280.5) in fen; null: no such sum. */
export function toFen(typed: string): number | null {
  const text = typed.replace(/[,，\s¥￥]/g, '')
  if (!/^-?\d{1,13}(\.\d{0,2})?$/.test(text)) return null
  const [whole = '', part = ''] = text.replace('-', '').split('.')
  const fen = Number(whole) * 100 + Number(part.padEnd(2, '0'))
  return text.startsWith('-') ? -fen : fen
}

/** Fen as one types them: 1280.5. */
export function typedYuan(fen: number | null): string {
  return fen === null ? '' : String(fen / 100)
}
