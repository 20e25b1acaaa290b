/** A text message as it is typed: the template's id and text, and what stands in its blanks {1}, {2} …. */
export interface SmsDraft {
  id: string
  text: string
  params: string[]
}

/** How many blanks a template has, numbered from 1 on; numbers behind a gap do not count. */
export function blanksOf(text: string): number {
  const found = new Set([...text.matchAll(/\{(\d{1,2})\}/g)].map((m) => m[1]))
  let n = 0
  while (n < 10 && found.has(String(n + 1))) n++
  return n
}

/** A text with its blanks filled. */
export const smsText = (d: SmsDraft): string => d.text.trim().replace(/\{(\d{1,2})\}/g, (blank, n: string) => d.params[Number(n) - 1]?.trim() || blank)

export const signed = (signature: string, text: string): string => `【${signature}】${text}`

/** As how many messages a text is billed: 70 characters are one, longer ones are cut into parts of 67. */
export function partsOf(text: string): number {
  const n = [...text].length
  return n <= 70 ? 1 : Math.ceil(n / 67)
}
