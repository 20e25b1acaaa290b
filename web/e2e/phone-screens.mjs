// Pictures of the simulator's phones for docs/screens, taken from a running demo: node e2e/phone-screens.mjs http://127.0.0.1:9090 [folder]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch } from './browser.mjs'

const baseURL = process.argv[2] ?? 'http://127.0.0.1:9090'
const folder = process.argv[3] ?? new URL('../../docs/screens/', import.meta.url).pathname
await mkdir(folder, { recursive: true })
const browser = await launch()

async function visitor(options) {
  const context = await browser.newContext({ baseURL, locale: 'zh-CN', ...options })
  context.setDefaultTimeout(10_000)
  return context.newPage()
}

try {
  const page = await visitor({ viewport: { width: 1280, height: 800 } })
  const shot = async (name, on = page) => {
    await on.waitForTimeout(600) // pictures and fonts are there
    await on.screenshot({ path: join(folder, `${name}.png`) })
  }
  await page.goto('/phones')
  const [stranger, visitorPhone, member] = await page.getByRole('article').all()
  await stranger.getByRole('button', { name: '扫一扫' }).click()
  await member.getByRole('button', { name: /图片、语音/ }).click()
  await member.getByRole('button', { name: '位置', exact: true }).click()
  await member.getByRole('button', { name: '发位置' }).click()
  await visitorPhone.getByRole('textbox').fill('预产期是下个月 6 号')
  await visitorPhone.getByRole('textbox').press('Enter')
  await member.getByRole('button', { name: /图片、语音/ }).click()
  await shot('phones')
  await page.getByRole('banner').getByRole('button', { name: '时钟' }).click()
  await page.getByRole('button', { name: '下一条客服消息：结果不明' }).click()
  await shot('phones-panel')
  await page.getByRole('button', { name: '去掉所有故障' }).click()

  const narrow = await visitor({ viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true })
  await narrow.goto('/phones')
  await narrow.getByRole('navigation').getByRole('link').nth(1).click()
  await shot('phones-320', narrow)
} finally {
  await browser.close()
}
