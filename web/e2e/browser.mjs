// Debian's Chromium, as a phone.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const flags = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-quic',
]

export function launch(...more) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell'
  if (!existsSync(executablePath)) throw new Error('Chromium is not there: apt-get install chromium-headless-shell, or set CHROMIUM')
  return chromium.launch({ executablePath, args: [...flags, ...more] })
}

/** Gathers everything that goes wrong on a page's own account; a network that fails is no fault of it. */
export function faultsOf(page) {
  const faults = []
  page.on('pageerror', (e) => faults.push(String(e)))
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource|net::ERR_/.test(m.text()) && faults.push(m.text()))
  return faults
}

/** A phone of its own, with everything that goes wrong on its pages gathered. */
export async function phone(browser, world, options = {}) {
  const context = await browser.newContext({
    baseURL: world.url,
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: options.scale ?? 1,
    hasTouch: true,
    isMobile: true,
    locale: 'zh-CN',
    timezoneId: 'Europe/Berlin', // not the store's: times must not follow the phone
    ...options.context,
  })
  context.setDefaultTimeout(options.patience ?? 20_000)
  const page = await context.newPage()
  return { context, page, faults: faultsOf(page) }
}

export async function signIn(page, phoneNumber, password) {
  await page.goto('/app')
  await page.getByLabel('手机号').fill(phoneNumber)
  await page.locator('input[name=password]').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('button', { name: '以后再说' }).click() // it is a first password
  await page.getByRole('button', { name: '我的', exact: true }).waitFor()
}
