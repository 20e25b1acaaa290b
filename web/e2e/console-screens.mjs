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

/** Somebody of the demo, by the API. */
async function api(phone) {
  const asked = async (path, body, headers = {}) => {
    const init = body && { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(url + path, { ...init, headers: { 'Content-Type': 'application/json', ...headers } })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    return answer.json()
  }
  const { token } = await asked('/api/session', { phone, password: 'liuke-demo' })
  return (path, body) => asked(path, body, { Authorization: 'Bearer ' + token })
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
  await page.goto('/console/members')
  const clerk = await api('13800000011')
  const known = (await clerk('/api/members?limit=100')).items.find((m) => m.phone && m.conversation_id)
  await clerk(`/api/members/${known.id}/notes`, { text: '对乳糖不耐受，想换深度水解奶粉。下次来店带诊断说明。' })
  await page.getByPlaceholder('姓名').fill(known.name)
  await page.locator('.el-table__row').first().getByRole('button', { name: known.name }).click()
  await page.locator('.el-drawer').getByRole('tab').first().waitFor()
  await shot('member')

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
  const manages = await api('13800000010')
  const handover = m.url().split('/').pop()

  // The receivers have begun; then, as it would be 20 days on, some members are without contact. Days cannot pass in a
  // demo, so that list, and only it, is told to the page.
  const todos = (await manages(`/api/todos?whose=team&handover_id=${handover}&limit=100`)).items
  for (const todo of todos.filter((t) => t.staff_name === '王芳').slice(0, 3)) await clerk(`/api/todos/${todo.id}/done`, { result: 'reached', note: '约了周末到店' })
  await m.reload()
  await m.getByRole('progressbar').first().waitFor()
  await m.getByRole('heading', { name: '回访进度' }).evaluate((h) => window.scrollTo(0, h.getBoundingClientRect().top - 80))
  await shot('handover-progress', m)
  const since = new Date(Date.now() - 20 * 86_400_000).toISOString()
  const quiet = todos.slice(-6).map((t) => ({
    todo_id: t.id, member_id: t.member_id, member_name: t.member_name, level: t.level, store_id: t.store_id,
    clerk_id: t.staff_id, clerk_name: t.staff_name, handover_id: handover, since, snoozes: 0,
  }))
  await m.route('**/api/quiet_members?*', (route) => route.fulfill({ json: { items: quiet, next: null } }))
  await m.goto('/console/quiet')
  await m.getByText('20 天').first().waitFor()
  await shot('quiet', m)
  await m.unrouteAll()
  await m.goto('/console/staff')
  await m.getByRole('button', { name: '对 王芳 的操作' }).click()
  await m.getByRole('menuitem', { name: '扫码登录' }).click()
  await m.getByAltText('王芳 的登录二维码').waitFor()
  await shot('sign-in-code', m)
  await m.getByRole('dialog').getByRole('button', { name: '关闭' }).last().click()

  // Somebody goes on leave, and somebody gives notice.
  const day = (n) => new Date(Date.now() + n * 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' })
  await m.goto('/console/staff')
  await m.getByRole('button', { name: '对 李娜 的操作' }).click()
  await m.getByRole('menuitem', { name: '离职交接' }).click()
  await m.getByLabel('最后工作日').fill(day(14))
  await m.getByRole('button', { name: '登记离职' }).click()
  await m.getByText('会员档案补齐').waitFor()
  await shot('leaving', m)
  const people = (await manages('/api/staff?limit=100')).items
  const id = (name) => people.find((p) => p.name === name).id
  await manages('/api/substitutes', { clerk_id: id('李娜'), substitute_id: id('王芳'), from: new Date().toISOString(), to: new Date(Date.now() + 6 * 86_400_000).toISOString() })
  await m.goto('/console/substitutes')
  await m.getByText('王芳代').first().waitFor()
  await shot('substitutes', m)

  const leaver = await browser.newContext({ baseURL: url, viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true, locale: 'zh-CN' })
  const c = await leaver.newPage()
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
