import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'

let world, house, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const texts = async (person) => (await person.inbox()).map((m) => m.text).filter(Boolean)
const write = async (page, text) => {
  await page.getByPlaceholder('写回复').fill(text)
  await page.getByRole('button', { name: '发送', exact: true }).click()
}

test('a member scans, appears live, is answered, and the answer arrives; the sixth waits until he writes again', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await page.getByText('还没有会话').waitFor()

  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const mother = await world.person('豆豆妈')
  await mother.scan(code.url)
  await page.getByText('[动态]').waitFor() // without a reload
  await mother.say('待产包要准备什么？')
  await page.getByText('待产包要准备什么？').click()
  await page.getByText('还可发 5 条').waitFor()

  await write(page, '我发您一份清单 😊')
  await until('the answer at the member', async () => (await texts(mother)).includes('我发您一份清单 😊'))
  await page.getByText('已发送').waitFor()

  for (const n of [2, 3, 4, 5]) await write(page, `第 ${n} 条`)
  await page.getByText('微信现在不让主动发').waitFor()
  await page.getByPlaceholder('写回复').fill('第 6 条')
  await page.getByRole('button', { name: '先存着' }).click()
  await page.getByText('待发：这次能发的条数已用完').waitFor()
  await until('the fifth', async () => (await texts(mother)).includes('第 5 条'))
  assert.ok(!(await texts(mother)).includes('第 6 条'))
  await mother.say('收到')
  await until('the sixth', async () => (await texts(mother)).includes('第 6 条'))
  await page.getByText('待发：').waitFor({ state: 'detached' })
  assert.deepEqual(faults, [])
  await context.close()
})

test('what is written without a network leaves once, in order, when it returns, even after a reload', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const father = await world.person('果果爸爸')
  await father.scan(code.url)
  await father.say('有停车位吗')
  await page.getByText('有停车位吗').click()
  await page.getByText('还可发').waitFor()
  await page.evaluate(() => navigator.serviceWorker.ready)

  await context.setOffline(true)
  await write(page, '有的，地下两层')
  await write(page, '消费满百免两小时')
  await page.getByText('等联网后发出').first().waitFor()
  await page.getByText('没有网络。有 2 条消息等联网后自动发出。').waitFor()
  await page.getByPlaceholder('写回复').fill('还在写的')
  await page.reload() // the shell comes from the phone
  await context.setOffline(false)
  await until('both', async () => (await texts(father)).length >= 2)
  await world.settle()
  assert.deepEqual(await texts(father), ['有的，地下两层', '消费满百免两小时'])
  assert.equal(await page.getByPlaceholder('写回复').inputValue(), '还在写的')
  assert.deepEqual(faults, [])
  await context.close()
})

test('the feed resumes after the program was away, and nothing is missed', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000012', password)
  await page.getByText('还没有会话').waitFor()
  const code = await house.colleague.post('/api/codes', { kind: 'clerk' })
  const member = await world.person('安安妈')
  await member.scan(code.url)
  await page.getByText('[动态]').waitFor()
  await world.kill()
  await page.getByText('连接断开').waitFor()
  await member.say('停机时写的')
  await world.serve()
  await page.getByText('停机时写的').waitFor({ timeout: 40_000 })
  await page.getByText('连接断开').waitFor({ state: 'detached' })
  await context.close()
})

test('a session that ended meanwhile leads back to sign-in and then to where one was, with the draft', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await page.locator('.row .open').first().click()
  await page.getByPlaceholder('写回复').fill('没写完')
  const place = page.url()
  const other = await world.signIn('13800000011')
  await fetch(world.url + '/api/sessions', { method: 'DELETE', headers: other.headers })
  house.clerk = await world.signIn('13800000011')
  await page.getByLabel('手机号').waitFor()
  await page.getByLabel('手机号').fill('13800000011')
  await page.locator('input[name=password]').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('button', { name: '以后再说' }).click()
  await page.waitForURL(place)
  assert.equal(await page.getByPlaceholder('写回复').inputValue(), '没写完')
  await context.close()
})

test('who loses a member while his chat is open is told and led back; the other gets him', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const member = await world.person('小鱼儿')
  await member.scan(code.url)
  await member.say('可以预约洗澡吗')
  await page.getByText('可以预约洗澡吗').click()
  await page.getByPlaceholder('写回复').fill('可以的，周')
  const id = page.url().split('/').pop()
  await house.owner.post(`/api/conversations/${id}/assign`, { clerk_id: house.colleague.staff.id })
  await page.getByText('这位会员已不在您名下').waitFor()
  await page.getByRole('button', { name: '确认' }).click()
  await page.waitForURL('**/app/chats')
  await page.getByText('可以预约洗澡吗').waitFor({ state: 'detached' })
  await context.close()
})

test('every kind is shown, a voice plays, and reading back or a new message moves nothing', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const member = await world.person('话多的')
  await member.scan(code.url)
  for (let n = 0; n < 70; n++) await member.say(`第 ${n} 句 ` + '长'.repeat(n % 40))
  await member.send('voice')
  await member.send('link', { title: '睡眠指南', description: '', url: 'https://example.com/' })
  await member.send('location', { lat: 30.25, lng: 120.16, text: '中山路 88 号' })
  await member.send('raw', { fields: [{ name: 'MsgType', value: 'hologram' }] })
  await page.locator('.open', { hasText: '暂不支持' }).click()
  await page.getByText('暂不支持显示这种消息').waitFor()
  assert.equal(await page.getByRole('link', { name: '睡眠指南' }).getAttribute('href'), 'https://example.com/')
  await page.locator('button.voice').click()
  await page.getByText('2 秒').waitFor() // counted by its frames, so it was decoded
  assert.equal(await page.getByText('放不出来').count(), 0)

  const held = (during) =>
    page.locator('.scroller').evaluate(async (el, wait) => {
      if (wait) el.scrollTop = -(el.scrollHeight - el.clientHeight) + 500
      const top = el.getBoundingClientRect().top
      const one = [...el.querySelectorAll('[data-id]')].find((m) => m.getBoundingClientRect().bottom > top + 50)
      const [before, count] = [one.getBoundingClientRect().top, el.querySelectorAll('[data-id]').length]
      const end = Date.now() + 5_000
      while (el.querySelectorAll('[data-id]').length === count && Date.now() < end) await new Promise((r) => setTimeout(r, 20))
      return [el.querySelectorAll('[data-id]').length > count, Math.round(one.getBoundingClientRect().top - before)]
    }, during)
  assert.deepEqual(await held(true), [true, 0])
  const reading = held(false)
  await member.say('新来的\n三行\n话')
  assert.deepEqual(await reading, [true, 0])
  await page.getByRole('button', { name: '有新消息' }).click()
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('a large picture is shrunk on the phone and arrives; what is no picture is said before sending', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000012', password)
  await page.locator('.row .open').first().click()
  await page.getByText('还可发').waitFor()
  await page.getByLabel('更多').click()
  const bytes = await page.evaluate(async () => {
    const c = document.createElement('canvas')
    c.width = 4000
    c.height = 3000
    c.getContext('2d').fillRect(100, 100, 3000, 2000)
    const file = await new Promise((done) => c.toBlob(done, 'image/png'))
    return [...new Uint8Array(await file.arrayBuffer())]
  })
  const input = page.locator('input[type=file]').first()
  await input.setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from(bytes) })
  await page.getByText('已发送').waitFor()
  const shown = page.locator('button.picture img').last()
  await until('the picture', async () => (await shown.evaluate((i) => i.naturalWidth)) === 1600)
  await page.getByLabel('更多').click()
  await input.setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('nothing') })
  await page.getByText('这不是能发的图片，请换一张。').waitFor()
  await context.close()
})

test('a long list of members is drawn only as far as it is seen, and reaches its end', async () => {
  const { context, page } = await phone(browser, world)
  for (let n = 0; n < 240; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => house.clerk.post('/api/members', { name: `会员${n + i}`, phone: `1370000${String(n + i).padStart(4, '0')}` })))
  }
  await signIn(page, '13800000011', password)
  await page.goto('/app/members')
  await page.locator('.one').first().waitFor()
  const list = page.locator('.screen-body')
  await until('the end of the list', async () => {
    await list.evaluate((el) => (el.scrollTop = el.scrollHeight))
    return (await list.evaluate((el) => el.scrollHeight)) >= 240 * 72
  })
  assert.ok((await page.locator('.one').count()) < 60)
  assert.deepEqual(await findings(page), [])
  await context.close()
})
