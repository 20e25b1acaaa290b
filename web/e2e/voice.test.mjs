import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'

let world, house, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  // A microphone that beeps once a second, and nobody who has to allow it.
  browser = await launch('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required')
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const sizes = [13, 14, 16, 18, 20, 21, 27, 32, 6]

/** Seconds of a narrow-band AMR file; fails on anything else. */
function seconds(file) {
  assert.equal(file.subarray(0, 6).toString(), '#!AMR\n')
  let frames = 0
  for (let at = 6; at < file.length; frames++) {
    const type = (file[at] >> 3) & 15
    assert.ok(type < 9, 'a frame of type ' + type)
    at += sizes[type]
    assert.ok(at <= file.length, 'the last frame is cut')
  }
  return frames / 50
}

/** The voices that a member got, as bytes. */
async function voices(person) {
  const got = (await person.inbox()).filter((m) => m.kind === 'voice')
  return Promise.all(got.map(async (m) => Buffer.from(await (await fetch(`${world.sim}/sim/media/${m.media_id}`)).arrayBuffer())))
}

async function chat(name, init) {
  const it = await phone(browser, world)
  if (init) await it.page.addInitScript(init)
  await signIn(it.page, '13800000011', password)
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const person = await world.person(name)
  await person.scan(code.url)
  await person.say('在吗，' + name)
  await it.page.getByText('在吗，' + name).click()
  await it.page.getByText('还可发').waitFor()
  return { ...it, person }
}

const panel = (page) => page.getByRole('region', { name: '录语音' })
const speak = async (page, clock) => {
  await page.getByRole('button', { name: '语音', exact: true }).click()
  await panel(page).getByText(clock, { exact: true }).waitFor()
}

test('a voice is recorded, listened to, sent, and arrives as AMR; it plays from its bubble', async () => {
  const { context, page, faults, person } = await chat('语音妈')
  await speak(page, '0:02')
  const level = panel(page).locator('.level i')
  await until('a beep', () => level.evaluate((i) => new DOMMatrix(getComputedStyle(i).transform).a > 0))
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '说完了' }).click()
  await page.getByText('录好了').waitFor()
  await page.getByRole('button', { name: '试听' }).click()
  await page.getByRole('button', { name: '停止' }).waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '发送', exact: true }).click()
  await panel(page).waitFor({ state: 'detached' })
  const [voice] = await until('the voice at the member', async () => ((await voices(person)).length ? voices(person) : undefined))
  assert.ok(seconds(voice) >= 2 && seconds(voice) < 8, `${seconds(voice)} s`)
  assert.ok(new Set(voice).size > 50, 'it is not silence')
  await page.getByText('已发送').waitFor()

  await page.reload() // from the server now
  await page.locator('button.voice').click()
  await page.locator('button.voice .van-icon-pause-circle-o').waitFor()
  assert.match(await page.locator('button.voice').innerText(), new RegExp(`${Math.round(seconds(voice))} 秒`))
  assert.deepEqual(faults, [])
  await context.close()
})

test('a voice recorded without a network plays, outlives a reload, and leaves once, in its place', async () => {
  const { context, page, faults, person } = await chat('地铁爸')
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.reload() // the service worker takes over, and keeps the codec when it is used
  await speak(page, '0:01')
  await page.getByRole('button', { name: '取消' }).click()

  await context.setOffline(true)
  await page.getByPlaceholder('写回复').fill('先听这段')
  await page.getByRole('button', { name: '发送', exact: true }).click()
  await speak(page, '0:02')
  await page.getByRole('button', { name: '发送', exact: true }).click() // without listening first
  await page.locator('button.voice').click()
  await page.locator('button.voice .van-icon-pause-circle-o').waitFor()
  await page.getByText('没有网络。有 2 条消息等联网后自动发出。').waitFor()
  await page.reload()
  await page.locator('button.voice').waitFor()
  await context.setOffline(false)
  await until('both', async () => (await person.inbox()).length >= 2)
  await world.settle()
  assert.deepEqual((await person.inbox()).map((m) => m.kind), ['text', 'voice'])
  assert.ok(seconds((await voices(person))[0]) >= 2)
  assert.deepEqual(faults, [])
  await context.close()
})

test('a recording warns, stops by itself at a minute, and what is sent is no longer', async () => {
  // Each second of sound counts as twenty.
  const { context, page, person } = await chat('话痨妈', () => {
    const real = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'sampleRate').get
    Object.defineProperty(BaseAudioContext.prototype, 'sampleRate', { get() { return real.call(this) / 20 } })
    new MutationObserver(() => (globalThis.warned ||= /还能说 \d+ 秒/.test(document.body.textContent))).observe(document, { subtree: true, childList: true, characterData: true })
  })
  await page.getByRole('button', { name: '语音', exact: true }).click()
  await page.getByText('满 60 秒，已自动停下').waitFor({ timeout: 60_000 }) // three seconds, unless the machine is busy
  assert.equal(await page.evaluate(() => globalThis.warned), true)
  await page.getByRole('button', { name: '发送', exact: true }).click()
  const [voice] = await until('the voice', async () => ((await voices(person)).length ? voices(person) : undefined))
  assert.equal(seconds(voice), 60)
  assert.ok(voice.length < 2 * 1024 * 1024)
  await context.close()
})

test('why nothing can be recorded is said in words, and a slip of the finger sends nothing', async () => {
  const { context, page, person } = await chat('哑了', () => {
    globalThis.refusal = 'NotAllowedError'
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = (asked) => (globalThis.refusal ? Promise.reject(new DOMException('', globalThis.refusal)) : open(asked))
  })
  await page.getByRole('button', { name: '语音', exact: true }).click()
  await page.getByText('话筒没有打开').waitFor()
  assert.deepEqual(await findings(page), [])
  await page.evaluate(() => (globalThis.refusal = 'NotFoundError'))
  await page.getByRole('button', { name: '重录' }).click()
  await page.getByText('没有找到话筒').waitFor()
  await page.evaluate(() => (globalThis.refusal = ''))
  await page.getByRole('button', { name: '重录' }).click()
  await page.getByText('正在录音').waitFor()
  await page.getByRole('button', { name: '发送', exact: true }).click()
  await page.getByText('说得太短').waitFor()
  await page.getByRole('button', { name: '关闭' }).click()
  await page.evaluate(() => Object.defineProperty(window, 'isSecureContext', { value: false }))
  await page.getByRole('button', { name: '语音', exact: true }).click()
  await page.getByText('不是 https 开头').waitFor()
  await page.getByRole('button', { name: '关闭' }).click()
  assert.deepEqual(await voices(person), [])
  await context.close()
})

test('who leaves a recording that is not sent is asked, and the microphone is let go', async () => {
  const { context, page } = await chat('走开的', () => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (asked) => (globalThis.opened = await open(asked))
  })
  await speak(page, '0:01')
  await page.getByText('返回').click()
  await page.getByText('离开后这段录音就没有了').waitFor()
  await page.getByRole('button', { name: '取消' }).last().click()
  await panel(page).waitFor()
  await page.getByText('返回').click()
  await page.getByRole('button', { name: '不要了，离开' }).click()
  await page.waitForURL('**/app/chats')
  assert.deepEqual(await page.evaluate(() => globalThis.opened.getTracks().map((track) => track.readyState)), ['ended'])
  await context.close()
})
