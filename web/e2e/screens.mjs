// Pictures of the clerk app's screens for docs/screens: node e2e/screens.mjs [folder]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'

const folder = process.argv[2] ?? new URL('../../docs/screens/', import.meta.url).pathname
await mkdir(folder, { recursive: true })
const world = await World.start()
// A microphone that beeps, and nobody who has to allow it.
const browser = await launch('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream')
try {
  const house = await chain(world)
  const { context, page, faults } = await phone(browser, world, { scale: 1.5, context: { serviceWorkers: 'block' } })
  const shot = async (name, on = page) => {
    await on.waitForTimeout(400) // what slides in is still
    await on.screenshot({ path: join(folder, `clerk-${name}.png`) })
    for (const found of await findings(on)) faults.push(`${name}: ${found}`)
  }
  await page.goto('/app')
  await page.getByLabel('手机号').waitFor()
  await shot('sign-in')
  await signIn(page, '13800000011', password)
  await page.getByText('还没有会话').waitFor()
  await shot('feed-empty')

  // Somebody else's phone, on which the manager's code for signing in was scanned.
  const other = await phone(browser, world, { scale: 1.5, context: { serviceWorkers: 'block' } })
  const entry = await house.owner.post(`/api/staff/${house.colleague.staff.id}/sign_in_code`)
  await other.page.goto(entry.url)
  await other.page.getByRole('button', { name: '在这台手机上登录' }).waitFor()
  await shot('enter', other.page)
  await other.context.close()

  await fetch(world.url + '/api/notice_settings', { method: 'PUT', headers: { ...house.owner.headers, 'Content-Type': 'application/json' }, body: '{"template_id":"member_waits","field":"thing1"}' })
  // What is ready to be said, people who come and write.
  for (const [title, situation, text] of [
    ['问候', '到店', '{member}您好，我是{store}的{clerk}，有什么可以帮您？'],
    ['营业时间', '到店', '我们每天 9 点到 21 点营业，地下两层可以停车。'],
    ['嫌贵', '价格', '理解您的想法，这款是有机棉的，洗了不变形，算下来更划算。'],
    ['查积分', '售后', '{member}，您现在有 {points} 积分，可以来店里换礼品。'],
    ['发票', '售后', '发票开好了，您看是寄给您，还是下次来店里拿？'],
  ]) await house.owner.post('/api/phrases', { scope: 'account', title, situation, text })
  await house.clerk.post('/api/phrases', { scope: 'own', title: '奶粉到货', situation: '到货', text: '{member}，您要的奶粉到货了，给您留着，什么时候方便来拿？' })
  const mine = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const known = []
  for (const [name, phoneNumber] of [['林小雨', '13912345678'], ['周婷', '13987654321'], ['豆豆妈', '13911112222'], ['王雅静', '13933334444'], ['陈思涵', '13955556666']]) {
    const member = await house.clerk.post('/api/members', { name, phone: phoneNumber, card_no: 'XH' + phoneNumber.slice(-6) })
    const code = await house.clerk.post('/api/codes', { kind: 'member', member_id: member.id })
    const person = await world.person(name)
    await person.scan(code.url)
    known.push(person)
  }
  await world.settle()
  await known[0].say('宝宝四个月，晚上老醒，是不是奶不够？')
  await known[1].say('上次说的推车到货了吗')
  await known[2].say('纸尿裤 L 码和 XL 码怎么选呀')
  await known[3].send('location', { lat: 30.25, lng: 120.16, text: '中山路 88 号' })
  const visitor = await world.person('新朋友')
  await visitor.scan(mine.url)
  await visitor.say('你好，店里那款婴儿床能送货吗')
  const store = await house.owner.post('/api/codes', { kind: 'store', store_id: house.store.id })
  await fetch(world.url + '/api/me/away', { method: 'PUT', headers: { ...house.clerk.headers, 'Content-Type': 'application/json' }, body: '{"away":true}' })
  await fetch(world.url + '/api/me/away', { method: 'PUT', headers: { ...house.colleague.headers, 'Content-Type': 'application/json' }, body: '{"away":true}' })
  const queued = await world.person('路过的')
  await queued.scan(store.url)
  await queued.say('有人在吗？')
  await world.settle()
  await fetch(world.url + '/api/me/away', { method: 'PUT', headers: { ...house.clerk.headers, 'Content-Type': 'application/json' }, body: '{"away":false}' })

  await page.getByText('纸尿裤').waitFor()
  // The first have been waiting for longer, as the clock would make it.
  await page.route('**/api/conversations?*', async (route) => {
    const answer = await route.fetch()
    const list = await answer.json()
    const minutes = [43, 17, 3]
    const back = (at, n) => new Date(Date.parse(at) - n * 60_000).toISOString()
    for (const [i, c] of list.items.entries()) {
      if (!c.waiting_since || !minutes[i]) continue
      for (const at of ['waiting_since', 'amber_at', 'red_at']) c[at] = back(c[at], minutes[i])
    }
    await route.fulfill({ response: answer, json: list })
  })
  await page.reload()
  await page.getByText('等 43 分钟').waitFor()
  await shot('feed')
  await page.unrouteAll({ behavior: 'wait' })
  await page.getByRole('button', { name: '门店队列' }).click()
  await page.getByText('有人在吗').waitFor()
  await shot('queue')
  await page.getByRole('button', { name: '我的', exact: true }).click()

  // A chat with everything in it.
  await page.getByText('宝宝四个月').click()
  await page.getByText('还可发 5 条').waitFor()
  const write = async (text) => {
    await page.getByPlaceholder('写回复').fill(text)
    await page.getByRole('button', { name: /^(发送|先存着)$/ }).click()
  }
  await write('四个月的宝宝夜里醒两三次很常见 😊 白天每顿能喝多少？')
  await known[0].send('image')
  await known[0].send('voice')
  await known[0].send('link', { title: '四月龄宝宝睡眠指南', description: '怎样让宝宝睡整觉', url: 'https://example.com/sleep' })
  await known[0].send('location', { lat: 30.25, lng: 120.16, text: '中山路 88 号' })
  await page.getByText('中山路 88 号').waitFor()
  await page.getByLabel('更多').click()
  await shot('chat-tools')
  await page.getByRole('button', { name: '常用语', exact: true }).click()
  await page.getByText('嫌贵').waitFor()
  await shot('chat-phrases')
  await page.getByRole('button', { name: '语音', exact: true }).click()
  await page.getByText('0:03', { exact: true }).waitFor()
  await shot('chat-voice')
  await page.getByRole('button', { name: '取消', exact: true }).click()
  await page.getByLabel('更多').click()
  await page.getByRole('button', { name: '写备注' }).click()
  await page.getByPlaceholder('写给同事看的备注').fill('妈妈想换深度水解，下次带诊断说明')
  await page.getByRole('button', { name: '存备注' }).click()
  await page.getByText('深度水解').waitFor()
  await shot('chat')
  for (const n of ['一', '二', '三', '四', '五']) await write(`补充第${n}点`)
  await page.getByText('微信现在不让主动发').waitFor()
  await write('周末有试用装，欢迎来店里拿')
  await page.getByText('待发：').waitFor()
  await shot('chat-pending')
  await context.setOffline(true)
  await page.getByText('没有网络').waitFor()
  await write('网络不好时写的')
  await page.getByText('等联网后发出').waitFor()
  await shot('chat-offline')
  await context.setOffline(false)
  await page.getByText('等联网后发出').waitFor({ state: 'detached' })

  await page.getByRole('link', { name: '档案' }).click()
  await page.getByText('归属记录').waitFor()
  await page.getByText('至今').waitFor()
  await shot('member')
  await page.getByRole('link', { name: '修改', exact: true }).click()
  await page.getByLabel('姓名').waitFor()
  await shot('edit-member')
  await page.goBack()
  await page.getByText('归属记录').waitFor()
  await page.getByRole('link', { name: '二维码' }).click()
  await page.getByText('本人用微信扫一扫').waitFor()
  await shot('member-code')
  await page.goto('/app/members')
  await page.getByText('王雅静').waitFor()
  await shot('members')
  await page.getByRole('link', { name: '新会员' }).click()
  await page.getByLabel('姓名').waitFor()
  await shot('new-member')
  await page.goto('/app/code')
  await page.getByText('请会员用微信扫一扫').waitFor()
  await shot('my-code')
  await page.goto('/app/me')
  await page.getByText('暂时不接新会员').waitFor()
  await shot('me')
  await page.goto('/app/me/phrases')
  await page.getByText('奶粉到货').first().waitFor()
  await shot('phrases')
  await page.goto('/app/me/link')
  await page.getByRole('button', { name: '生成二维码' }).click()
  await page.getByText('用您自己的微信扫一扫').waitFor()
  await shot('me-link')
  await page.goto('/app/chats')
  await page.getByPlaceholder('搜索姓名').fill('wyj')
  await page.getByText('王雅静').waitFor()
  await shot('search')
  await page.goto('/app/chats')
  await page.getByText('新朋友').or(page.getByText('婴儿床')).first().click()
  await page.getByRole('link', { name: '档案' }).click()
  await page.getByText('认出他是谁').waitFor()
  await shot('link')
  await page.goto('/app/me')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByText('Take no new members').waitFor()
  await page.goto('/app/chats')
  await page.getByRole('button', { name: 'Mine', exact: true }).waitFor()
  await page.setViewportSize({ width: 320, height: 640 })
  await shot('feed-en-320')
  await page.locator('.row .open').first().click()
  await page.getByRole('log').waitFor()
  await shot('chat-en-320')
  if (faults.length > 0) {
    console.error(faults.join('\n'))
    process.exitCode = 1
  }
} finally {
  await browser.close()
  await world.stop()
}
