// Getting in and staying reachable: sign-in codes, the link to the clerk's own WeChat, business hours.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'

let world, house, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const shots = process.env.E2E_SHOTS
async function shot(page, name) {
  if (!shots) return
  await mkdir(shots, { recursive: true })
  await page.screenshot({ path: join(shots, name + '.png') })
}

/** Whether the page is wider than the screen. */
const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)

/** The console on a desk, signed in. */
async function desk(phoneNumber) {
  const context = await browser.newContext({ baseURL: world.url, viewport: { width: 1280, height: 800 }, locale: 'zh-CN', timezoneId: 'Europe/Berlin' })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const faults = []
  page.on('pageerror', (e) => faults.push(String(e)))
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource|net::ERR_/.test(m.text()) && faults.push(m.text()))
  await page.goto('/console')
  await page.fill('#phone', phoneNumber)
  await page.fill('#password', password)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: '以后再说' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  return { context, page, faults }
}

test('a manager shows a code, the clerk scans it and is in, sets a password without the first one; the code works once', async () => {
  const { context, page, faults } = await desk('13800000010')
  await page.goto('/console/staff')
  await page.getByRole('button', { name: '对 李娜 的操作' }).click()
  const made = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/sign_in_code'))
  await page.getByRole('menuitem', { name: '扫码登录' }).click()
  const { url } = await (await made).json()
  assert.match(url, /\/app\/enter#[\w-]{43}$/)
  const dialog = page.getByRole('dialog')
  await dialog.getByAltText('李娜 的登录二维码').waitFor()
  await dialog.getByText('内有效').waitFor()
  assert.deepEqual(await findings(page), [])
  await shot(page, 'console-code')

  const clerk = await phone(browser, world)
  const asked = []
  clerk.page.on('request', (r) => asked.push(r.url()))
  await clerk.page.goto(url)
  await clerk.page.getByRole('button', { name: '在这台手机上登录' }).waitFor()
  assert.doesNotMatch(clerk.page.url(), /#/, 'the secret is gone from the address')
  assert.deepEqual(await findings(clerk.page), [])
  await shot(clerk.page, 'enter')
  await clerk.page.setViewportSize({ width: 320, height: 640 })
  assert.equal(await tooWide(clerk.page), false)
  await shot(clerk.page, 'enter-320')
  await clerk.page.setViewportSize({ width: 390, height: 844 })
  await clerk.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await clerk.page.getByText('您还没有自己的密码').waitFor()
  assert.equal(await clerk.page.getByLabel('原密码').count(), 0)
  await shot(clerk.page, 'enter-password')
  await clerk.page.locator('input[name=new]').fill('my own password')
  await clerk.page.locator('input[name=again]').fill('my own password')
  await clerk.page.getByRole('button', { name: '改密码' }).click()
  await clerk.page.getByText('还没有会话').waitFor()
  assert.deepEqual(asked.filter((u) => u.includes(url.split('#')[1])), [], 'no request names the secret')
  await dialog.getByText('李娜 已在手机上登录').waitFor()
  await shot(page, 'console-code-done')

  const second = await phone(browser, world)
  await second.page.goto(url)
  await second.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await second.page.getByText('已经用过了').waitFor()
  await shot(second.page, 'enter-used')
  assert.deepEqual(await findings(second.page), [])
  await second.page.getByRole('button', { name: '用手机号和密码登录' }).click()
  await second.page.getByLabel('手机号').waitFor()
  assert.deepEqual([...faults, ...clerk.faults, ...second.faults], [])
  for (const c of [context, clerk.context, second.context]) await c.close()
})

test('a code that is taken back or too old lets nobody in, and a phone says whom it would replace', async () => {
  const { context, page } = await desk('13800000010')
  await page.goto('/console/staff')
  const lend = async () => {
    await page.getByRole('button', { name: '对 王芳 的操作' }).click()
    const made = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/sign_in_code'))
    await page.getByRole('menuitem', { name: '扫码登录' }).click()
    return (await (await made).json()).url
  }
  const first = await lend()
  const back = page.waitForResponse((r) => r.request().method() === 'DELETE' && r.url().endsWith('/sign_in_code'))
  await page.getByRole('dialog').getByRole('button', { name: '关闭', exact: true }).last().click()
  await back
  const clerk = await phone(browser, world)
  await clerk.page.goto(first)
  await clerk.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await clerk.page.getByText('已经失效').waitFor()

  await signIn(clerk.page, '13800000011', password)
  await clerk.page.goto(await lend())
  await clerk.page.getByText('这台手机现在登录的是 王芳').waitFor()
  await clerk.page.getByRole('button', { name: 'English' }).click()
  await clerk.page.getByText('One tap signs you in').waitFor()
  await clerk.page.getByRole('button', { name: '中文' }).click()
  // the answer of a server whose clock is ten minutes on
  await clerk.page.route('**/api/session/code', (route) =>
    route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify({ status: 401, reason: 'code_expired' }) }),
  )
  await clerk.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await clerk.page.getByText('这个登录码过期了').waitFor()
  await context.close()
  await clerk.context.close()
})
