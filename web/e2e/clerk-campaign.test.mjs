import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'
import { tooWide } from './width.mjs'

let world, house, manager, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  manager = await world.signIn('13800000010')
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const put = (caller, path, body) => world.call(world.url + path, { method: 'PUT', headers: { 'Content-Type': 'application/json', ...caller.headers }, body: JSON.stringify(body) })

/** Somebody of the clerk's who agreed to offers. */
async function agreed(name) {
  const person = await world.person(name)
  await person.scan((await house.clerk.post('/api/codes', { kind: 'clerk' })).url)
  const found = await until(name, async () => {
    const { items } = await house.clerk.get('/api/members?limit=100')
    return items.find((m) => m.openid === person.openid)
  })
  await world.call(`${world.url}/api/members/${found.id}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', ...house.clerk.headers },
    body: JSON.stringify({ name }),
  })
  await house.clerk.post(`/api/members/${found.id}/consents`, { purpose: 'marketing', state: 'given', text: '可以给您发活动信息吗？' })
  return { ...person, id: found.id }
}

test('a clerk sees what goes out in her name, keeps it from one member, calls another, and knows who answers', async () => {
  await put(house.owner, '/api/campaign_settings', { quiet_from: 0, quiet_to: 0, cap: 0, cap_days: 0 })
  const [yu, lan, wen] = [await agreed('小雨'), await agreed('阿兰'), await agreed('文文')]
  await agreed('小慧') // says nothing: WeChat lets nothing through, so she is to be called
  for (const p of [yu, lan, wen]) await p.say('你好')
  const chats = await until('what they wrote', async () => {
    const { items } = await house.clerk.get('/api/conversations?queue=waiting')
    return items.length === 3 ? items : undefined
  })
  // One is answered, and then does something else than talk.
  const chat = chats.find((c) => c.member.name === '文文').id
  const said = async (what) => until(what, async () => (await house.clerk.get('/api/conversations/' + chat)).last_message.kind === what)
  await house.clerk.post(`/api/conversations/${chat}/messages`, { kind: 'text', text: '您好', client_id: 'hello' })
  await until('the answer', async () => (await wen.inbox()).some((m) => m.text === '您好'))
  const { access_token: access } = await world.call(`${world.sim}/cgi-bin/token?grant_type=client_credential&appid=wx0000000000000001&secret=simulator-secret`)
  await world.post(`${world.sim}/cgi-bin/menu/create?access_token=${access}`, { button: [{ type: 'click', name: '我的积分', key: 'points' }] })
  await world.act('menu', { openid: wen.openid, key: 'points' })
  await said('event')
  const { id } = await manager.post('/api/campaigns', {
    name: '周末到店有礼',
    filter: { field: 'bound', is: true },
    channels: ['customer', 'task'],
    content: { purpose: 'offer', text: '{member}您好，我是{clerk}，周末到{store}有礼。', task: '请{member}周末到店领礼' },
  })
  await manager.post(`/api/campaigns/${id}/approve`, { version: 1 })
  await manager.post(`/api/campaigns/${id}/schedule`, { start_at: new Date(Date.now() + 3_600_000).toISOString() })

  const { context, page, faults } = await phone(browser, world, { context: { viewport: { width: 320, height: 640 } } })
  await signIn(page, '13800000011', password)
  await page.goto('/app/todos')
  await page.getByRole('link', { name: '有 1 个群发要以您的名义发出' }).click()
  await page.getByText('还要发给您的 4 位会员').waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('link', { name: '周末到店有礼' }).click()
  const of = (name) => page.getByRole('article', { name })
  await of('小雨').getByText('小雨您好，我是王芳，周末到中山路店有礼。').waitFor()
  await of('小雨').getByText('现在不会发给他：他在等您回复').waitFor()
  await of('小慧').getByText('由您打电话').waitFor()
  await of('小慧').getByText('请小慧周末到店领礼').waitFor()
  assert.deepEqual(await findings(page), [])
  await of('阿兰').getByRole('button', { name: '不发给他' }).click()
  await page.getByText('不发给 阿兰？').waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('dialog').getByRole('button', { name: '不发给他' }).click()
  await of('阿兰').getByText('您不让发给他').waitFor()
  assert.equal(await of('阿兰').getByRole('button').count(), 0)
  assert.equal(await tooWide(page), 0)

  // The other side: the manager lets it begin, and each gets it or does not.
  const recipients = async () => Object.fromEntries((await manager.get(`/api/campaigns/${id}/recipients?limit=100`)).items.map((r) => [r.name, r.state + ' ' + (r.reason ?? '')]))
  await manager.post(`/api/campaigns/${id}/schedule`, {})
  await until('its end', async () => (await manager.get(`/api/campaigns/${id}`)).state === 'done')
  assert.deepEqual(await recipients(), { 小雨: 'skipped waits_for_answer', 阿兰: 'vetoed ', 小慧: 'task no_channel', 文文: 'accepted window_open' })
  const got = async (p) => (await p.inbox()).some((m) => m.text?.includes('到中山路店有礼'))
  await until('the words at the member', () => got(wen))
  assert.equal(await got(lan), false)

  await wen.say('周末我来')
  await page.goto('/app/chats')
  const row = page.getByRole('button', { name: /文文/ })
  await row.getByText('回复“周末到店有礼”').waitFor()
  await row.getByText('周末我来').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.equal(await tooWide(page), 0)
  await row.click()
  await page.getByText('回复“周末到店有礼”').waitFor()
  assert.deepEqual(await findings(page), [])

  await page.goto('/app/todos')
  const call = page.getByRole('article', { name: '小慧' })
  await call.getByText('群发没法发给他，请打个电话').waitFor()
  await call.getByText('可以说：请小慧周末到店领礼').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.equal(await page.getByRole('link', { name: /以您的名义发出/ }).count(), 0)
  await page.goto('/app/me')
  await page.getByText('以我的名义发出').click()
  await page.getByText('现在没有要发的').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})
