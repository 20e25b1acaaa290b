// The real program and the WeChat simulator on free ports, with a small chain in them.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = new URL('../../', import.meta.url).pathname
const appid = 'wx0000000000000001'
const secret = 'simulator-secret'
const token = 'simulatorToken'
export const password = 'e2e-password-1'

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Asks again until the answer is there; fails after a while, saying what was waited for and what went wrong last. */
export async function until(what, ask, patience = 30_000) {
  const end = Date.now() + patience
  for (;;) {
    let cause
    const answer = await ask().catch((e) => void (cause = e))
    if (answer) return answer
    if (Date.now() > end) throw new Error('waited in vain for ' + what, { cause })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function binary(folder) {
  if (process.env.LIUKE_BIN) return process.env.LIUKE_BIN
  const path = join(folder, 'liuke')
  const flags = { CGO_ENABLED: '0', GOFLAGS: '-trimpath -tags=nomsgpack -buildvcs=false' }
  await run('go', ['build', '-o', path, './cmd/liuke'], { cwd: root, env: { ...process.env, ...flags } })
  return path
}

export class World {
  children = []

  static async start() {
    const w = new World()
    w.folder = await mkdtemp(join(tmpdir(), 'liuke-e2e-'))
    w.path = await binary(w.folder)
    const [port, simPort] = [await freePort(), await freePort()]
    w.url = `http://127.0.0.1:${port}`
    w.sim = `http://127.0.0.1:${simPort}`
    w.env = {
      PATH: process.env.PATH,
      LIUKE_LISTEN: `127.0.0.1:${port}`,
      LIUKE_DATABASE: `sqlite:${join(w.folder, 'liuke.db')}`,
      LIUKE_MEDIA: `file:${join(w.folder, 'media')}`,
      LIUKE_JOURNAL: join(w.folder, 'journal'),
      LIUKE_WECHAT_API_URL: w.sim,
      LIUKE_LOG_LEVEL: 'error',
      LIUKE_LIMIT_STAFF: '1000/10000', // tests call faster than people
    }
    await w.addAccount()
    w.spawn(['simulator', '--listen', `127.0.0.1:${simPort}`, '--callback', `${w.url}/wechat/${appid}`, '--appid', appid, '--secret', secret, '--token', token])
    await w.serve()
    await until('the simulator', () => fetch(w.sim + '/sim/clock').then((r) => r.ok))
    return w
  }

  addAccount() {
    const child = spawn(
      this.path,
      ['account', 'add', '--appid', appid, '--secret', secret, '--token', token, '--name', '小禾母婴', '--owner-phone', '13800000001', '--owner-name', '陈国栋'],
      { env: this.env, cwd: this.folder, stdio: ['pipe', 'ignore', 'inherit'] },
    )
    child.stdin.end(password + '\n')
    return new Promise((resolve, reject) => child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error('account add failed')))))
  }

  spawn(args) {
    const child = spawn(this.path, args, { env: this.env, cwd: this.folder, stdio: ['ignore', 'ignore', process.env.E2E_LOG ? 'inherit' : 'ignore'] })
    this.children.push(child)
    return child
  }

  async serve() {
    this.server = this.spawn(['serve'])
    await until('the program', () => fetch(this.url + '/healthz').then((r) => r.ok))
  }

  /** Stops the program as a crash would. */
  async kill() {
    const gone = new Promise((resolve) => this.server.on('exit', resolve))
    this.server.kill('SIGKILL')
    await gone
  }

  async stop() {
    for (const child of this.children) child.kill('SIGKILL')
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Signs in by the API and gives a caller. */
  async signIn(phone) {
    const { token: bearer, staff } = await this.post(this.url + '/api/session', { phone, password })
    const headers = { Authorization: 'Bearer ' + bearer }
    return {
      staff,
      headers,
      get: (path) => this.call(this.url + path, { headers }),
      post: (path, body) => this.post(this.url + path, body, headers),
    }
  }

  async call(url, init = {}) {
    const answer = await fetch(url, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${new URL(url).pathname}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  post(url, body, headers = {}) {
    return this.call(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) })
  }

  act(what, body) {
    return this.post(`${this.sim}/sim/${what}`, { appid, ...body })
  }

  /** Somebody with WeChat. */
  async person(name) {
    const { openid } = await this.post(this.sim + '/sim/persons', { name })
    return {
      openid,
      scan: (url) => this.post(this.sim + '/sim/scan', { openid, url }),
      follow: (scene) => this.act('follow', { openid, ...(scene ? { scene } : {}) }),
      unfollow: () => this.act('unfollow', { openid }),
      say: (text) => this.act('messages', { openid, kind: 'text', text }),
      send: (kind, more = {}) => this.act('messages', { openid, kind, ...more }),
      inbox: () => this.call(`${this.sim}/sim/inbox?openid=${openid}`),
    }
  }

  settle() {
    return this.post(this.sim + '/sim/settle', {})
  }
}

/** A store with two clerks and a manager; clerk 13800000011 is who the tests play. */
export async function chain(w) {
  const owner = await w.signIn('13800000001')
  const store = await owner.post('/api/stores', { name: '中山路店', code: 'ZSL' })
  for (const [name, phone, role] of [
    ['周敏', '13800000010', 'manager'],
    ['王芳', '13800000011', 'clerk'],
    ['李娜', '13800000012', 'clerk'],
  ]) {
    await owner.post('/api/staff', { name, phone, password, role, store_id: store.id })
  }
  const clerk = await w.signIn('13800000011')
  return { owner, store, clerk, colleague: await w.signIn('13800000012') }
}
