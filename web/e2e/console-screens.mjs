// Pictures of the console for docs/screens, taken from a running demo: node e2e/console-screens.mjs http://127.0.0.1:8080 [folder]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch, signIn } from './browser.mjs'

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
  const rooms = { overview: '/', members: '/members', imports: '/members/imports', requests: '/requests', codes: '/codes', staff: '/staff', stores: '/stores', phrases: '/phrases', account: '/account', audits: '/audits' }
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

  await m.getByRole('button', { name: '执行交接' }).click()
  await m.getByRole('dialog').getByRole('button', { name: '执行交接' }).click()
  await m.getByText('下载回执（CSV）').waitFor()
  await shot('handover-receipt', m)

  // Somebody goes on leave, and somebody gives notice.
  const day = (n) => new Date(Date.now() + n * 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' })
  await m.goto('/console/staff')
  await m.getByRole('button', { name: '对 李娜 的操作' }).click()
  await m.getByRole('menuitem', { name: '离职交接' }).click()
  await m.getByLabel('最后工作日').fill(day(14))
  await m.getByRole('button', { name: '登记离职' }).click()
  await m.getByText('会员档案补齐').waitFor()
  await shot('leaving', m)
  const answer = await m.request.post('/api/session', { data: { phone: '13800000010', password: 'liuke-demo' } })
  const bearer = { Authorization: 'Bearer ' + (await answer.json()).token }
  const people = (await (await m.request.get('/api/staff?limit=100', { headers: bearer })).json()).items
  const id = (name) => people.find((p) => p.name === name).id
  await m.request.post('/api/substitutes', { headers: bearer, data: { clerk_id: id('李娜'), substitute_id: id('王芳'), from: new Date().toISOString(), to: new Date(Date.now() + 6 * 86_400_000).toISOString() } })
  await m.goto('/console/substitutes')
  await m.getByText('王芳代').first().waitFor()
  await shot('substitutes', m)

  const clerk = await browser.newContext({ baseURL: url, viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true, locale: 'zh-CN' })
  const c = await clerk.newPage()
  await signIn(c, '13800000012', 'liuke-demo')
  await c.goto('/app/leaving')
  await c.getByText('会员档案补齐').waitFor()
  await c.screenshot({ path: join(folder, 'clerk-leaving.png') })

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
