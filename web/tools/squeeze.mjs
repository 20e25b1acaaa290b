// Puts x.gz in the place of each built file that compression makes smaller: the program carries and sends them so. The
// two pages stay as they are: they are short, and make looks at them.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
let before = 0
let after = 0
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css|svg|webmanifest)$/.test(entry.name)) continue
  const path = join(entry.parentPath ?? entry.path, entry.name)
  const plain = await readFile(path)
  const packed = gzipSync(plain, { level: 9 })
  if (packed.length >= plain.length) continue
  await writeFile(path + '.gz', packed)
  await rm(path)
  before += plain.length
  after += packed.length
}
console.log(`compressed ${(before / 1e6).toFixed(1)} MB to ${(after / 1e6).toFixed(1)} MB`)
