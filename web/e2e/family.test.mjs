// A family is linked, seen and parted, in the console and on the phone, and a handover keeps it together.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, password, until } from './world.mjs'
import { tooWide } from './width.mjs'

const shots = process.env.SHOTS
let world, house, browser
const members = {}
before(async () => {
  world = await World.start()
  house = await chain(world)
  for (const name of ['林小雨', '林爸爸', '林奶奶', '周婷', '何静']) members[name] = await house.clerk.post('/api/members', { name })
  browser = await launch()
  if (shots) await mkdir(shots, { recursive: true })
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const shot = (page, name) => shots && page.screenshot({ path: join(shots, name + '.png') })
const family = async (name) => (await house.clerk.get(`/api/members/${members[name].id}/family`)).items.map((r) => r.name).sort()

test('in the console a relative is found, added, opened and taken out again', async () => {
  const { page, context, faults, said, dialog } = await desk(browser, world, '13800000010', { path: '/members?id=' + members['林小雨'].id })
  const drawer = page.locator('.el-drawer')
  await drawer.getByRole('button', { name: '加家人' }).click()
  await drawer.getByLabel('找家人').fill('林')
  await drawer.getByRole('button', { name: '把 林奶奶 加为家人' }).waitFor()
  assert.equal(await drawer.getByRole('button', { name: '把 林小雨 加为家人' }).count(), 0, 'nobody is his own family')
  await shot(page, 'family-add-1280')
  assert.deepEqual(await findings(page), [])
  await drawer.getByRole('button', { name: '把 林爸爸 加为家人' }).click()
  await said('林爸爸 已加为家人')
  await drawer.getByRole('button', { name: '加家人' }).click()
  await drawer.getByLabel('找家人').fill('林')
  await drawer.getByRole('button', { name: '把 林奶奶 加为家人' }).waitFor()
  assert.equal(await drawer.getByRole('button', { name: '把 林爸爸 加为家人' }).count(), 0, 'he is in it already')
  await drawer.getByRole('button', { name: '把 林奶奶 加为家人' }).click()
  await drawer.getByRole('link', { name: '打开 林奶奶 的档案' }).waitFor()
  assert.deepEqual(await family('林小雨'), ['林奶奶', '林爸爸'].sort())
  await shot(page, 'family-1280')
  assert.deepEqual(await findings(page), [])

  await drawer.getByRole('link', { name: '打开 林爸爸 的档案' }).click()
  await drawer.getByRole('link', { name: '打开 林小雨 的档案' }).waitFor()
  await drawer.getByRole('button', { name: '移出 林奶奶' }).click()
  await dialog('把 林奶奶 移出这家人？').getByText('林奶奶 不再和这家人算一家').waitFor()
  await shot(page, 'family-drop-1280')
  assert.deepEqual(await findings(page), [])
  await dialog('把 林奶奶 移出这家人？').getByRole('button', { name: '移出', exact: true }).click()
  await said('林奶奶 已移出')
  await drawer.getByRole('link', { name: '打开 林奶奶 的档案' }).waitFor({ state: 'detached' })
  assert.deepEqual(await family('林小雨'), ['林爸爸'])
  assert.deepEqual(await family('林奶奶'), [])
  assert.equal(await tooWide(page), 0)

  assert.deepEqual(faults, [])
  await context.close()
})

test('on the phone the clerk sees a family live, adds to it and takes out of it', async () => {
  const { context, page, faults } = await phone(browser, world, { patience: 20_000 })
  await signIn(page, '13800000011', password)
  await page.goto('/app/members/' + members['周婷'].id)
  await page.getByText('还没有家人').waitFor()
  await house.owner.post(`/api/members/${members['周婷'].id}/family`, { member_id: members['何静'].id })
  const list = page.getByRole('list', { name: '家人' })
  await list.getByRole('link', { name: '何静' }).waitFor() // live: nobody has touched the page
  await page.getByRole('button', { name: '加家人' }).click()
  const sheet = page.getByRole('dialog', { name: '加家人' })
  await sheet.getByLabel('找家人').fill('林奶奶')
  await sheet.getByRole('button', { name: '把 林奶奶 加为家人' }).waitFor()
  await shot(page, 'family-add-390')
  assert.deepEqual(await findings(page), [])
  await sheet.getByRole('button', { name: '把 林奶奶 加为家人' }).click()
  await list.getByRole('link', { name: '林奶奶' }).waitFor()
  await sheet.waitFor({ state: 'hidden' })
  await shot(page, 'family-390')
  assert.deepEqual(await findings(page), [])
  await list.getByRole('button', { name: '移出 何静' }).click()
  await page.getByRole('dialog', { name: '把 何静 移出这家人？' }).getByRole('button', { name: '移出', exact: true }).click()
  await list.getByRole('link', { name: '何静' }).waitFor({ state: 'detached' })
  assert.deepEqual(await family('周婷'), ['林奶奶'])
  await list.getByRole('link', { name: '林奶奶' }).click()
  await list.getByRole('link', { name: '周婷' }).waitFor()
  assert.equal(await tooWide(page), 0)
  assert.deepEqual(faults, [])
  await context.close()
})

test('a handover gives the family to one clerk, and says why', async () => {
  const third = await house.owner.post('/api/staff', { name: '赵敏', phone: '13800000013', password, role: 'clerk', store_id: house.store.id })
  const { page, context, faults } = await desk(browser, world, '13800000010')
  const plan = await house.owner.post('/api/handovers', {
    from_clerk_id: house.clerk.staff.id, rule: { kind: 'balanced', to: [house.colleague.staff.id, third.id], keep_families: true },
  })
  const { items } = await house.owner.get(`/api/handovers/${plan.id}/moves`)
  const to = (name) => items.find((m) => m.member_name === name).to_clerk_id
  assert.equal(to('林小雨'), to('林爸爸'))
  assert.equal(to('周婷'), to('林奶奶'))
  assert.notEqual(to('林小雨'), to('周婷'), 'balanced all the same')
  await page.goto('/console/handovers/' + plan.id)
  await until('the reason', async () => (await page.getByText('一家人在一起').count()) >= 2)
  await shot(page, 'family-handover-1280')
  assert.deepEqual(faults, [])
  await context.close()
})
