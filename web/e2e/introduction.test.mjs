// An introduction to a member whom WeChat lets nobody write to now waits, says so, and leaves when he writes.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { desk } from './desk.mjs'
import { handOver } from './duty.mjs'
import { World, chain, password, until } from './world.mjs'

const shots = process.env.SHOTS
const answers = 5
let world, house, browser, person, chat, handover
before(async () => {
  world = await World.start()
  house = await chain(world)
  const member = await house.clerk.post('/api/members', { name: '林小雨' })
  person = await world.person('林小雨')
  await person.scan((await house.clerk.post('/api/codes', { kind: 'member', member_id: member.id })).url)
  await world.settle()
  await person.say('王姐在吗')
  await world.settle()
  chat = await until('the chat', async () => (await house.clerk.get('/api/conversations?queue=mine')).items.find((c) => c.last_message?.text === '王姐在吗')?.id)
  for (let n = 1; n <= answers; n++) await house.clerk.post(`/api/conversations/${chat}/messages`, { kind: 'text', text: `第 ${n} 句`, client_id: 'all-' + n })
  await until('the answers', async () => (await person.inbox()).filter((m) => m.text?.startsWith('第 ')).length === answers)
  handover = await handOver(house)
  browser = await launch()
  if (shots) await mkdir(shots, { recursive: true })
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const shot = (page, name) => shots && page.screenshot({ path: join(shots, name + '.png') })
const hello = '林小雨您好，我是李娜，以后由我为您服务。'
const arrived = async () => (await person.inbox()).some((m) => m.text === hello)

test('the introduction waits in plain words, in the to-do, the chat and the progress, until the member writes', async () => {
  const { context, page, faults } = await phone(browser, world, { patience: 20_000 })
  await signIn(page, '13800000012', password)
  await page.goto('/app/todos')
  const row = page.getByRole('article', { name: '林小雨' })
  await row.getByRole('button', { name: '自我介绍' }).click()
  const sheet = page.getByRole('dialog')
  await until('the draft', async () => (await sheet.getByRole('textbox').inputValue()).includes('李娜'))
  await sheet.getByText('会等会员下次来消息时自动发出').waitFor()
  await sheet.getByRole('textbox').fill(hello)
  await sheet.getByRole('button', { name: '发出去' }).click()
  await row.getByText('介绍待发：会员来消息时发出').waitFor()
  await page.locator('.van-toast').waitFor({ state: 'hidden' })
  await shot(page, 'introduction-pending-todo-390')
  assert.deepEqual(await findings(page), [])

  await row.locator('.who').click()
  const line = page.getByRole('log').locator('.line.ours', { hasText: hello })
  await line.getByText('待发：这次能发的条数已用完，会员下次来消息时自动发出').waitFor()
  await line.getByRole('button', { name: '撤回' }).waitFor()
  await line.evaluate((e) => e.scrollIntoView()) // in one go: the log may be drawn anew meanwhile
  await shot(page, 'introduction-pending-chat-390')
  assert.deepEqual(await findings(page), [])
  assert.equal(await arrived(), false)

  const manager = await desk(browser, world, '13800000010', { path: '/handovers/' + handover })
  const progress = manager.page.locator('.el-table__row', { has: manager.page.getByRole('progressbar', { name: '李娜 的完成进度' }) })
  await progress.getByText('1 份等会员来消息时发').waitFor()
  await progress.getByText('0 / 1').first().waitFor()
  if (shots) await manager.page.screenshot({ path: join(shots, 'introduction-pending-progress-1280.png'), fullPage: true })

  await person.say('李姐好，我又来了')
  await until('the introduction on her phone', arrived)
  await line.getByText('待发').waitFor({ state: 'detached' }) // live, nobody has touched the page
  await page.getByRole('log').getByText('李姐好，我又来了').waitFor()
  await page.getByText('返回').click()
  await row.getByText('已介绍自己').waitFor()
  await progress.getByText('1 / 1').waitFor()
  assert.equal(await progress.getByText('等会员来消息时发').count(), 0)
  assert.deepEqual([faults, manager.faults], [[], []])
  await manager.context.close()
  await context.close()
})
