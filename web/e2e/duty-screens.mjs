// Pictures of what a clerk who receives members sees, for docs/screens: node e2e/duty-screens.mjs [folder]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch, phone, signIn } from './browser.mjs'
import { handOver, serve } from './duty.mjs'
import { World, chain, password } from './world.mjs'

const folder = process.argv[2] ?? new URL('../../docs/screens/', import.meta.url).pathname
await mkdir(folder, { recursive: true })
const world = await World.start()
const browser = await launch()
try {
  const house = await chain(world)
  await serve(world, house)
  const { page, faults } = await phone(browser, world, { scale: 1.5, context: { serviceWorkers: 'block' } })
  await signIn(page, '13800000012', password)
  await page.getByText('还没有会话').waitFor()
  await handOver(house)
  await page.getByRole('heading', { name: '您收到了 4 位会员' }).waitFor()
  await page.locator('.row', { hasText: '林小雨' }).waitFor()
  await page.screenshot({ path: join(folder, 'clerk-received.png') })
  await page.getByRole('button', { name: '看看他们' }).click()
  await page.getByRole('article', { name: '没来过' }).waitFor()
  await page.screenshot({ path: join(folder, 'clerk-todos.png') })
  if (faults.length > 0) throw new Error(faults.join('\n'))
} finally {
  await browser.close()
  await world.stop()
}
