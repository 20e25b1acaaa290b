// Pictures of a segment and a campaign from its editor to its result, for docs/screens: node e2e/campaign-screens.mjs [folder]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch } from './browser.mjs'
import { buy, crowd } from './campaign-world.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'

const folder = process.argv[2] ?? new URL('../../docs/screens/', import.meta.url).pathname
await mkdir(folder, { recursive: true })
const world = await World.start()
const browser = await launch()
try {
  const house = await chain(world)
  const c = await crowd(world, house, 80)
  const filter = { all: [{ field: 'last_purchase', is: false }, { not: { field: 'tag', in: ['同行'] } }, { any: [{ field: 'reach', in: ['follow'] }, { not: { field: 'last_contact', to: 30 } }, { field: 'amount', from: 100_000, days: 365 }] }] }
  const { id: segment } = await house.owner.post('/api/segments', { scope: 'account', name: '没买过、可以联系的', filter })
  const content = {
    purpose: 'notice', task: '告诉{member}，{child}的奶粉到货了，给她留了两罐。',
    template: { id: c.template, fields: { thing1: '{child}的奶粉到货了', thing2: '{clerk}给您留了两罐' } },
  }
  const { id, version } = await house.owner.post('/api/campaigns', { name: '奶粉到货', segment_id: c.segment, content, channels: ['template', 'task'], control: 20, outcome_days: 14 })
  const { page, faults } = await desk(browser, world, '13800000001')
  const shot = async (name, height = 1_000) => {
    await page.setViewportSize({ width: 1_280, height })
    await page.waitForFunction(() => !document.querySelector('.el-message')) // what was said has gone
    await page.mouse.move(2, 400)
    await page.screenshot({ path: join(folder, `console-${name}.png`), animations: 'disabled' })
  }
  const counted = () => page.getByRole('region', { name: '现在有多少人' }).locator('.number').waitFor()
  await page.goto('/console/segments/' + segment)
  await counted()
  await shot('segment')
  await page.goto(`/console/campaigns/${id}/edit`)
  await counted()
  await shot('campaign-edit')
  await page.goto('/console/campaigns/' + id)
  await page.locator('.lines').first().waitFor()
  await shot('campaign-sheet')
  await house.owner.post(`/api/campaigns/${id}/approve`, { version })
  await house.owner.post(`/api/campaigns/${id}/schedule`, {})
  await until('its end', async () => (await house.owner.get('/api/campaigns/' + id)).state === 'done', 60_000)
  const called = (await house.owner.get(`/api/campaigns/${id}/recipients?state=task&limit=100`)).items
  const spared = (await house.owner.get(`/api/campaigns/${id}/recipients?state=control&limit=100`)).items
  await buy(world, house, [...called.slice(0, Math.ceil(called.length * 0.4)), ...spared.slice(0, 1)].map((r) => c.phoneOf(r.name)).filter(Boolean))
  await page.goto('/console/campaigns/' + id)
  await page.getByRole('img', { name: /相差/ }).first().waitFor()
  await shot('campaign-result', 1_180)

  // Held by quiet hours, a run can be looked at.
  const beijing = new Date(Date.now() + 8 * 3_600_000)
  const minute = beijing.getUTCHours() * 60 + beijing.getUTCMinutes()
  await c.send(house.owner, 'PUT', '/api/campaign_settings', { quiet_from: (minute + 1430) % 1440, quiet_to: (minute + 120) % 1440, cap: 4, cap_days: 30 })
  const later = await house.owner.post('/api/campaigns', { name: '新年问候', segment_id: c.segment, content: { purpose: 'notice', task: '祝{member}新年好。' }, channels: ['task'], control: 0 })
  await house.owner.post(`/api/campaigns/${later.id}/approve`, { version: later.version })
  await house.owner.post(`/api/campaigns/${later.id}/schedule`, {})
  await until('those who wait', async () => (await house.owner.get('/api/campaigns/' + later.id)).counts.some((n) => n.state === 'waiting'))
  await house.owner.post(`/api/campaigns/${later.id}/pause`, {})
  await page.goto('/console/campaigns/' + later.id)
  await page.getByText('停下了：有人按了暂停').waitFor()
  await shot('campaign-run', 760)
  if (faults.length > 0) throw new Error(faults.join('\n'))
} finally {
  await browser.close()
  await world.stop()
}
