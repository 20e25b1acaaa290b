// A shop with members of every kind that a campaign meets: followers, one who just talked, one who wants no messages, and
// many without WeChat whom only a call reaches.
import { until } from './world.mjs'

const [firsts, seconds] = ['赵钱孙李周吴郑王冯陈', '一二三四五六七八九十']
const nameOf = (n) => `${firsts[n % 10]}${seconds[Math.floor(n / 10)]}妈`
const phone = (n) => '139111' + (10_000 + n)

/** The phone of one without WeChat, by the name; nothing for the others. */
function phoneOf(name) {
  const [a, b] = [firsts.indexOf(name[0]), seconds.indexOf(name[1])]
  return name.endsWith('妈') && a >= 0 && b >= 0 ? phone(b * 10 + a) : undefined
}

/** Gives clerk 13800000011 the members and writes the shop's segment; `plain` is how many have no WeChat. */
export async function crowd(world, house, plain = 40) {
  const send = (who, method, path, body) => world.call(world.url + path, { method, headers: { ...who.headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  await send(house.owner, 'PUT', '/api/campaign_settings', { quiet_from: 0, quiet_to: 0, cap: 4, cap_days: 30 })
  const { id: template } = await world.act('templates', { title: '到货通知', content: '商品 {{thing1.DATA}}\n说明 {{thing2.DATA}}' })
  const lines = ['姓名,手机,店员', ...Array.from({ length: plain }, (_, n) => `${nameOf(n)},${phone(n)},13800000011`)]
  const file = await world.call(world.url + '/api/member_imports', { method: 'POST', headers: { ...house.owner.headers, 'Content-Type': 'text/csv' }, body: '\ufeff' + lines.join('\n') })
  await house.owner.post(`/api/member_imports/${file.id}/run`, { mapping: { name: 0, phone: 1, clerk: 2 }, store_id: house.store.id })
  await until('the import', async () => (await house.owner.get('/api/member_imports/' + file.id)).created === plain)
  const people = {}
  for (const name of ['林小雨', '周婷', '王雅静', '何静', '陈思涵']) {
    const { id } = await house.clerk.post('/api/members', { name })
    const person = await world.person(name)
    await person.scan((await house.clerk.post('/api/codes', { kind: 'member', member_id: id })).url)
    people[name] = { ...person, memberId: id }
  }
  await house.clerk.post(`/api/members/${people['何静'].memberId}/consents`, { purpose: 'service', state: 'withdrawn', text: '不要再发了' })
  await world.settle()
  await people['陈思涵'].say('奶粉到了吗')
  await world.settle()
  await until('the question', async () => (await house.clerk.get('/api/conversations?queue=mine')).items.some((c) => c.member.name === '陈思涵' && c.last_message?.kind === 'text'))
  const segment = await house.owner.post('/api/segments', { scope: 'account', name: '还没买过的妈妈', filter: { all: [{ field: 'purchases', to: 0 }, { not: { field: 'tag', in: ['同行'] } }] } })
  return { people, template, segment: segment.id, send, phoneOf }
}

/** A till tells that some of the members bought something now. */
export async function buy(world, house, phones) {
  const { secret } = await house.owner.post('/api/api_keys', { name: '收银机' })
  const sales = phones.map((phone, n) => ({ external_id: 'C-' + n, member: { phone }, store_code: 'ZSL', paid_at: new Date().toISOString(), amount: 19_900 + n * 100 }))
  return world.call(world.url + '/api/purchases', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Api-Key': secret }, body: JSON.stringify(sales) })
}
