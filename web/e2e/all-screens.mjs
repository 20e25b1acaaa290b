// Every picture for docs/screens by one command: the clerk app in worlds of their own, then console and phones from a
// demo that this starts on free ports. Fails when a picture is too heavy for a README. node e2e/all-screens.mjs [folder]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/screens/', import.meta.url))
const liuke = process.env.LIUKE_BIN
const heaviest = 200_000 // bytes
if (!liuke) throw new Error('LIUKE_BIN names no program: make build makes one')

/** Runs one of the scripts to its end. */
async function run(script, ...args) {
  const [code] = await once(spawn(process.execPath, [join(here, script), ...args], { stdio: 'inherit' }), 'exit')
  if (code !== 0) throw new Error(`${script} failed`)
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

/** Starts the demo and reads from what it prints where its parts are. */
async function demo(home) {
  const env = { PATH: process.env.PATH, HOME: home, LIUKE_LISTEN: `127.0.0.1:${await freePort()}`, LIUKE_LOG_LEVEL: 'error' }
  const child = spawn(liuke, ['demo'], { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  for await (const part of child.stdout) {
    told += part
    const console = /(http:\S+)\/console/.exec(told)?.[1]
    const phones = /(http:\S+)\/phones/.exec(told)?.[1]
    if (console && phones && /Ctrl-C/.test(told)) return { child, console, phones }
  }
  throw new Error('the demo ended: ' + told)
}

await run('screens.mjs', folder)
await run('duty-screens.mjs', folder)
await run('campaign-screens.mjs', folder)
await run('data-screens.mjs', folder)
const home = await mkdtemp(join(tmpdir(), 'liuke-screens-'))
const { child, console: desk, phones } = await demo(home)
try {
  await run('console-screens.mjs', desk, folder)
  await run('phone-screens.mjs', phones, folder)
} finally {
  child.kill('SIGTERM')
  await once(child, 'exit')
  await rm(home, { recursive: true, force: true })
}
for (const name of await readdir(folder)) {
  const { size } = await stat(join(folder, name))
  if (name.endsWith('.png') && size > heaviest) throw new Error(`${name} has ${size} bytes, more than ${heaviest}`)
}
