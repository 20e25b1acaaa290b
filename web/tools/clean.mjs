// Empties dist but for the placeholder, which stays for builds without Node.
import { mkdir, readdir, rm } from 'node:fs/promises'

const dist = new URL('../dist/', import.meta.url)
await mkdir(dist, { recursive: true })
for (const name of await readdir(dist)) {
  if (name !== 'placeholder.html') await rm(new URL(name, dist), { recursive: true })
}
