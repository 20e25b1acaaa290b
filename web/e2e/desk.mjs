// The console on a desk, signed in.
import { password } from './world.mjs'

/** Opens the console as somebody; what goes wrong on its pages is gathered. The first password is kept. */
export async function desk(browser, world, phone, { size = { width: 1280, height: 800 }, path = '/', secret = password } = {}) {
  const context = await browser.newContext({ baseURL: world.url, viewport: size, locale: 'zh-CN', timezoneId: 'Europe/Berlin', acceptDownloads: true })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const faults = []
  page.on('pageerror', (e) => faults.push(String(e)))
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource|net::ERR_/.test(m.text()) && faults.push(m.text()))
  await page.goto('/console')
  await page.fill('#phone', phone)
  await page.fill('#password', secret)
  await page.keyboard.press('Enter')
  const later = page.getByRole('button', { name: '以后再说' })
  await later.click()
  await later.waitFor({ state: 'detached' }) // that screen has a heading too
  await page.getByRole('heading', { level: 1 }).waitFor()
  if (path !== '/') {
    await page.goto('/console' + path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
  }
  return { context, page, faults, ...hands(page) }
}

/** What one does on a page again and again. */
function hands(page) {
  return {
    /** Chooses an entry of one of Element Plus's selects. */
    async pick(selector, entry) {
      const field = typeof selector === 'string' ? page.locator(selector) : selector
      await page.locator('.el-select__wrapper').filter({ has: field }).click()
      await page.locator('.el-select-dropdown__item:visible', { hasText: entry }).first().click()
    },
    /** Chooses from a menu that drops down. */
    async menu(button, entry) {
      await button.click()
      await page.locator('.el-dropdown-menu__item:visible', { hasText: entry }).click()
    },
    /** The dialog with a title; a drawer is none. */
    dialog: (title) => page.locator('.el-dialog, .el-message-box').filter({ hasText: title }),
    /** Waits for the word that something was done. */
    said: (text) => page.locator('.el-message', { hasText: text }).first().waitFor(),
    /** The bytes of what a click downloads, and its name. */
    async download(click) {
      const [file] = await Promise.all([page.waitForEvent('download'), click()])
      const parts = []
      for await (const part of await file.createReadStream()) parts.push(part)
      return { name: file.suggestedFilename(), bytes: Buffer.concat(parts) }
    },
  }
}
