// Pictures of the console for docs/screens, taken from a running demo: node e2e/console-screens.mjs http://127.0.0.1:8080 [folder]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch } from './browser.mjs'

const url = process.argv[2] ?? 'http://127.0.0.1:8080'
const folder = process.argv[3] ?? new URL('../../docs/screens/', import.meta.url).pathname
await mkdir(folder, { recursive: true })
const browser = await launch()

async function desk(phone, size = { width: 1280, height: 800 }) {
  const context = await browser.newContext({ baseURL: url, viewport: size, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  await page.goto('/console')
  await page.fill('#phone', phone)
  return { page, in: async () => {
    await page.fill('#password', 'liuke-demo')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: '以后再说' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
  } }
}

try {
  const owner = await desk('13800000001')
  const page = owner.page
  const shot = async (name, on = page) => {
    await on.waitForTimeout(1_200) // charts and drawers have come to rest
    await on.screenshot({ path: join(folder, `console-${name}.png`), animations: 'disabled' })
  }
  await shot('sign-in')
  await owner.in()
  const rooms = { overview: '/', members: '/members', imports: '/members/imports', requests: '/requests', codes: '/codes', staff: '/staff', stores: '/stores', account: '/account', audits: '/audits' }
  for (const [name, path] of Object.entries(rooms)) {
    await page.goto('/console' + path)
    await shot(name)
  }
  await page.goto('/console/conversations')
  await page.locator('.row').first().click()
  await shot('conversation')
  await page.goto('/console/codes')
  await page.locator('.el-table__row .el-button').first().click()
  await shot('code')

  const manager = await desk('13800000010')
  await manager.in()
  const m = manager.page
  await m.goto('/console/handovers/new')
  await m.locator('#from').click()
  await m.locator('.el-select-dropdown__item:visible', { hasText: '张静' }).click()
  await shot('handover-choose', m)
  await m.getByRole('button', { name: '下一步' }).click()
  await m.getByRole('button', { name: '选本店全部在岗店员' }).click()
  await shot('handover-rule', m)
  await m.getByRole('button', { name: '看结果' }).click()
  await m.getByText('现在还什么都没有变').waitFor()
  await shot('handover-preview', m)

  const small = await desk('13800000010', { width: 390, height: 844 })
  await small.in()
  await shot('overview-390', small.page)
  await small.page.goto('/console/conversations')
  await shot('conversations-390', small.page)
  const narrow = await desk('13800000001', { width: 1024, height: 768 })
  await narrow.in()
  await narrow.page.getByRole('button', { name: 'English', exact: true }).click()
  await narrow.page.goto('/console/members')
  await shot('members-1024-en', narrow.page)
} finally {
  await browser.close()
}
