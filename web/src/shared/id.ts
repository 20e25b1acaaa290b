/** An id made on this device. crypto.randomUUID is missing where the page came without https. */
export function newId(): string {
  const b = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')
}
