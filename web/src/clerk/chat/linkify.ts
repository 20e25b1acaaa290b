export interface Piece {
  text: string
  href?: string
}

const address = /https?:\/\/[^\s<>"'，。；！？、）】》\u3000]+/gi
const trailing = /[.,;:!?)\]}]+$/

/** Cuts a text into plain pieces and web addresses. Only http and https become links. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const found of text.matchAll(address)) {
    const url = found[0].replace(trailing, '')
    if (found.index > from) pieces.push({ text: text.slice(from, found.index) })
    pieces.push({ text: url, href: url })
    from = found.index + url.length
  }
  if (from < text.length) pieces.push({ text: text.slice(from) })
  return pieces
}
