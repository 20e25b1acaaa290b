// Fails when the clerk app's first screen needs more compressed script than a poor network bears.
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

const limit = 150 * 1024
const dist = new URL('../dist/', import.meta.url)
const page = await readFile(new URL('app.html', dist), 'utf8')
const seen = new Map()

async function take(name) {
  if (seen.has(name)) return
  const text = await readFile(new URL('assets/' + name, dist), 'utf8')
  seen.set(name, gzipSync(text).length)
  // What is imported statically is needed at once; import() is not.
  for (const [, next] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) await take(next)
}

for (const [, name] of page.matchAll(/\/app\/assets\/([^"]+\.js)/g)) await take(name)
const total = [...seen.values()].reduce((a, b) => a + b, 0)
for (const [name, size] of seen) console.log(`  ${(size / 1024).toFixed(1).padStart(7)} kB gz  ${name}`)
console.log(`first script of the clerk app: ${(total / 1024).toFixed(1)} kB gz of ${limit / 1024}`)
if (total > limit) process.exit(1)
