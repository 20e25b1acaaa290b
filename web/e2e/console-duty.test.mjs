// After a handover: the manager sees how far the receivers are, does something about members without contact, and the
// owner sets what is wanted of receivers.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'
import { tooWide } from './width.mjs'

const shots = process.env.SHOTS
const managersPhone = '13800000010'
let world, house, browser, manager, handover
before(async () => {
  world = await World.start()
  house = await chain(world)
  manager = await world.signIn(managersPhone)
  for (const name of ['林小雨', '豆豆妈', '周婷', '王雅静', '陈思涵']) await house.clerk.post('/api/members', { name })
  const to = [house.colleague.staff.id]
  const plan = await manager.post('/api/handovers', { from_clerk_id: house.clerk.staff.id, rule: { kind: 'balanced', to } })
  await manager.post(`/api/handovers/${plan.id}/run`, {})
  handover = await until('the handover', async () => {
    const h = await manager.get('/api/handovers/' + plan.id)
    return h.state === 'done' && h
  })
  await until('the to-dos', async () => (await house.colleague.get('/api/todos')).items.length === 5)
  browser = await launch()
  if (shots) await mkdir(shots, { recursive: true })
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const shot = (page, name) => shots && page.screenshot({ path: join(shots, name + '.png'), fullPage: true })

test('the manager sees how far a receiver is, and what he does shows at once', async () => {
  const { page, context, faults } = await desk(browser, world, managersPhone, { path: '/handovers/' + handover.id })
  const progress = page.locator('.el-table__row', { has: page.getByRole('progressbar', { name: '李娜 的完成进度' }) })
  await progress.getByText('0 / 5').first().waitFor()
  await page.getByText('还没联系').first().waitFor()
  assert.equal(await page.getByText('还没联系').count(), 5)
  const [todo] = (await house.colleague.get('/api/todos')).items
  await house.colleague.post(`/api/todos/${todo.id}/done`, { result: 'reached', note: '约了周六到店' })
  await progress.getByText('1 / 5').waitFor() // live: nobody has touched the page
  await until('the list to lose it', async () => (await page.getByText('还没联系').count()) === 4)
  await page.getByRole('radiogroup', { name: '看哪些首次联系' }).getByText('已完成').click()
  const row = page.locator('.el-table__row', { hasText: todo.member_name }).filter({ hasText: '约了周六到店' })
  await row.getByText('已联系上').waitFor()
  await progress.getByRole('button', { name: '看他的：李娜 的首次联系' }).click()
  await row.waitFor()
  await page.getByRole('radiogroup', { name: '看哪些首次联系' }).getByText('逾期').click()
  await page.getByText('没有逾期的').waitFor()
  await page.getByRole('radiogroup', { name: '看哪些首次联系' }).getByText('未完成').click()
  await until('what is open', async () => (await page.getByText('还没联系').count()) === 4)
  await shot(page, 'progress-1280')
  assert.equal(await tooWide(page), 0)
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('nobody is without contact on the day of a handover, and the page says so', async () => {
  const { page, context, faults } = await desk(browser, world, managersPhone)
  await page.getByRole('link', { name: '无人联系', exact: true }).click()
  await page.getByText('没有无人联系的会员').waitFor()
  await page.getByText('交接后满 14 天').waitFor()
  await shot(page, 'quiet-none-1280')
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

/** The list as it would be 20 days on: the server's clock cannot be moved, so the list, and only it, is told to the page. */
async function aged(page) {
  const { items } = await manager.get(`/api/todos?whose=team&handover_id=${handover.id}`)
  const since = new Date(Date.now() - 20 * 86_400_000).toISOString()
  const quiet = items.map((t) => ({
    todo_id: t.id, member_id: t.member_id, member_name: t.member_name, level: null, store_id: house.store.id,
    clerk_id: t.staff_id, clerk_name: t.staff_name, handover_id: handover.id, since, snoozes: 0,
  }))
  await page.route('**/api/quiet_members?*', (route) => route.fulfill({ json: { items: quiet, next: null } }))
  return quiet
}

test('members without contact (the list is faked: days cannot pass here): each way says beforehand what it does, and sends it', async () => {
  const { page, context, faults, pick, dialog, said } = await desk(browser, world, managersPhone)
  const quiet = await aged(page)
  const sent = []
  await page.route('**/api/quiet_members/give?*', (route) => {
    const body = route.request().postDataJSON()
    const dry = new URL(route.request().url()).searchParams.get('dry_run') === 'true'
    if (!dry) sent.push(body)
    return route.fulfill({ json: { items: body.todo_ids.map((todo_id) => ({ todo_id, done: true, reason: null })) } })
  })
  await page.goto('/console/quiet')
  await page.getByText('20 天').first().waitFor()
  assert.equal(await page.getByText('20 天').count(), 4)
  const give = page.getByRole('button', { name: '交给别的店员' })
  assert.ok(await give.isDisabled(), 'nobody is chosen')
  await shot(page, 'quiet-1280')
  assert.deepEqual(await findings(page), [])

  for (const q of quiet.slice(0, 2)) await page.locator('label.el-checkbox', { has: page.getByRole('checkbox', { name: '选择 ' + q.member_name }) }).click()
  await page.getByText('已选 2 位').waitFor()
  await give.click()
  await dialog('交给别的店员').getByText('2 位会员马上归 新店员').waitFor()
  await pick('#quiet-clerk', '王芳')
  await dialog('交给别的店员').getByText('2 位会员马上归 王芳').waitFor()
  await shot(page, 'quiet-give-1280')
  assert.deepEqual(await findings(page), [])
  await dialog('交给别的店员').getByRole('button', { name: '确定（2 位）' }).click()
  await said('已交给别的店员 2 位')
  await page.getByText('已选 0 位').waitFor()

  await page.getByText('全选本页').click()
  await page.getByRole('button', { name: '放回门店队列' }).click()
  await dialog('放回门店队列').getByText('4 位会员马上离开现在的店员').waitFor()
  await dialog('放回门店队列').getByRole('button', { name: '确定（4 位）' }).click()
  await said('已放回门店队列 4 位')

  await page.getByText('全选本页').click()
  await page.getByRole('button', { name: '留给现在的店员' }).click()
  await dialog('留给现在的店员').getByText('天数从今天重新算').waitFor()
  await dialog('留给现在的店员').getByRole('button', { name: '确定（4 位）' }).click()
  await said('已留给现在的店员 4 位')

  const every = quiet.map((q) => q.todo_id)
  assert.deepEqual(sent, [
    { todo_ids: every.slice(0, 2), to: 'clerk', clerk_id: house.clerk.staff.id },
    { todo_ids: every, to: 'queue' },
    { todo_ids: every, to: 'keep' },
  ])
  assert.deepEqual(faults, [])
  await context.close()
})

test('whoever was contacted meanwhile is left alone (the list is faked, the answer is the server\'s), and it is said', async () => {
  const { page, context, faults, dialog } = await desk(browser, world, managersPhone)
  await aged(page)
  await page.goto('/console/quiet')
  await page.getByText('全选本页').click()
  await page.getByRole('button', { name: '放回门店队列' }).click()
  await dialog('放回门店队列').getByText('4 位不动：刚刚已经联系过').waitFor()
  assert.ok(await dialog('放回门店队列').getByRole('button', { name: /^确定/ }).isDisabled())
  await shot(page, 'quiet-contacted-1280')
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('what is wanted of receivers is set and kept', async () => {
  const { page, context, faults, dialog, said } = await desk(browser, world, '13800000001', { path: '/account' })
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: '交接与回访', exact: true }) })
  await card.getByText('李女士您好，我是中山路店的王芳。之前一直是李娜照顾您').waitFor() // the usual one, filled in
  const text = card.getByLabel('自我介绍内容')
  await text.fill('{member}您好，{price}')
  await card.getByRole('button', { name: '保存' }).click()
  await page.locator('.el-message', { hasText: '不认识的花括号内容' }).waitFor()
  await text.fill('您好，以后由我照顾您，以前是')
  await card.getByRole('button', { name: '原店员姓名' }).click()
  await card.getByText('您好，以后由我照顾您，以前是李娜', { exact: true }).waitFor()
  await card.getByLabel('几天没人联系就提醒').fill('7')
  await page.keyboard.press('Tab')
  await card.locator('.el-switch', { has: page.getByLabel('自动放回门店队列') }).click()
  await shot(card, 'duty-card-1280')
  assert.deepEqual(await findings(page), [])
  await card.getByRole('button', { name: '保存' }).click()
  await dialog('自动放回门店队列？').getByText('满 7 天没人联系').waitFor()
  await dialog('自动放回门店队列？').getByRole('button', { name: '保存' }).click()
  await said('交接与回访已保存')
  const kept = await house.owner.get('/api/duty_settings')
  assert.deepEqual([kept.introduction, kept.quiet_days, kept.to_queue], ['您好，以后由我照顾您，以前是{earlier}', 7, true])

  await card.getByLabel('几天没人联系就提醒').fill('0')
  await page.keyboard.press('Tab')
  await card.getByText('0：不检查').waitFor()
  await card.getByRole('button', { name: '换回系统写好的' }).click()
  await card.getByRole('button', { name: '保存' }).click()
  await until('the usual introduction', async () => (await text.inputValue()).includes('{earlier}照顾您'))
  await until('no check of quiet members', async () => (await house.owner.get('/api/duty_settings')).quiet_days === 0)
  await page.goto('/console/quiet')
  await page.getByText('没有在检查').waitFor()
  await page.goto('/console/audits')
  await page.getByText('修改交接与回访').first().waitFor()
  await page.getByText('完成待办').first().waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('a leaver\'s handover waits for both signatures where the account wants it, and the page says what is missing', async () => {
  const { page, context, faults, said } = await desk(browser, world, '13800000001', { path: '/account' })
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: '交接与回访', exact: true }) })
  await card.getByText('没签也可以先交接会员').waitFor()
  await card.locator('.el-switch', { has: page.getByLabel('双方签完清单才能交接') }).click()
  await card.getByText('交接清单双方签完才能执行离职交接').waitFor()
  await card.getByRole('button', { name: '保存' }).click()
  await said('交接与回访已保存')
  assert.equal((await house.owner.get('/api/duty_settings')).hand_in_required, true)

  await house.clerk.post('/api/members', { name: '签名前的会员' })
  const plan = await house.owner.post('/api/handovers', {
    from_clerk_id: house.clerk.staff.id, leaving: true, rule: { kind: 'balanced', to: [house.colleague.staff.id] },
  })
  assert.deepEqual([plan.fit.ok, plan.fit.hand_in_unsigned], [false, true])
  await page.goto('/console/handovers/' + plan.id)
  await page.getByText('没有交接清单。 公众号设置要求双方签完才能执行。').waitFor()
  assert.ok(await page.getByRole('button', { name: '执行交接' }).isDisabled())
  assert.equal(await page.getByRole('button', { name: '重新计算' }).count(), 0, 'another plan would not help')
  await shot(page, 'handover-unsigned-1280')
  assert.deepEqual(await findings(page), [])
  await assert.rejects(house.owner.post(`/api/handovers/${plan.id}/run`), /hand_in_unsigned/)
  const { introduction, quiet_days, to_queue } = await house.owner.get('/api/duty_settings')
  await world.call(world.url + '/api/duty_settings', {
    method: 'PUT', headers: { ...house.owner.headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ introduction, quiet_days, to_queue, hand_in_required: false }),
  })
  await page.reload()
  await page.getByText('可以先交接会员').waitFor()
  assert.ok(await page.getByRole('button', { name: '执行交接' }).isEnabled())
  assert.deepEqual(faults, [])
  await context.close()
})
