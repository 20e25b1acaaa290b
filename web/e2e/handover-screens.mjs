// Pictures of a handover by hand and by file, for docs/screens: node e2e/handover-screens.mjs [folder]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { serve } from './duty.mjs'
import { World, chain, password } from './world.mjs'

const folder = process.argv[2] ?? new URL('../../docs/screens/', import.meta.url).pathname
await mkdir(folder, { recursive: true })
const world = await World.start()
const browser = await launch()
try {
  const house = await chain(world)
  await house.owner.post('/api/staff', { name: '赵云', phone: '13800000013', password, role: 'clerk', store_id: house.store.id })
  await serve(world, house)
  const { page, faults, pick } = await desk(browser, world, '13800000010', { path: '/handovers/new?from=' + house.clerk.staff.id })
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByText('手动选', { exact: true }).click()
  await page.getByText('已分 0 位，还剩 4 位').waitFor()
  for (const [name, to] of [['林小雨', '李娜'], ['周婷', '赵云']]) {
    await page.locator('.el-table__row', { hasText: name }).locator('.el-checkbox').click()
    await pick('#hand-to', to)
    await page.getByRole('button', { name: '分给他' }).click()
  }
  await page.getByText('已分 2 位，还剩 2 位').waitFor()
  await page.waitForFunction(() => !document.querySelector('.el-message')) // what was said has gone
  await page.screenshot({ path: join(folder, 'console-handover-hand.png'), fullPage: true, animations: 'disabled' })
  await page.getByText('用表格', { exact: true }).click()
  const rows = ['手机,接手导购', '13911110001,李娜', '13911110002,赵云', '13911110003,李娜', '13999990000,李娜', '13911110004,小李']
  await page.locator('input[type=file]').setInputFiles({ name: 'moves.csv', mimeType: 'text/csv', buffer: Buffer.from('\ufeff' + rows.join('\r\n')) })
  await page.getByText('共 5 行：3 行可以交接，2 行不行').waitFor()
  await page.screenshot({ path: join(folder, 'console-handover-file.png'), fullPage: true, animations: 'disabled' })
  if (faults.length > 0) throw new Error(faults.join('\n'))
} finally {
  await browser.close()
  await world.stop()
}
