import { keep } from './download'

/** A cell as a spreadsheet takes it for text: no formula, and quoted where it has to be. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) && !/^[+-][\d. ]*$/.test(text) ? "'" + text : text
  return /[",\n\r]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain
}

export const csv = (rows: readonly (readonly string[])[]): string => '\ufeff' + rows.map((r) => r.map(cell).join(',') + '\r\n').join('')

/** Gives the reader a table that the page itself holds. */
export function keepCsv(rows: readonly (readonly string[])[], name: string): void {
  keep(new Blob([csv(rows)], { type: 'text/csv' }), name)
}
