// A clerk's members with levels and chats, and the handover that gives them to her colleague.
import { until } from './world.mjs'

/** Gives the clerk members of all levels; the first has talked with her for longer than a page of the chat. */
export async function serve(world, house) {
  const lines = ['姓名,手机,等级,店员', '何静,13911110003,C,13800000011', '林小雨,13911110001,A,13800000011', '周婷,13911110002,B,13800000011', '没来过,13911110004,C,13800000011']
  const headers = { ...house.owner.headers, 'Content-Type': 'text/csv' }
  const file = await world.call(world.url + '/api/member_imports', { method: 'POST', headers, body: '\ufeff' + lines.join('\n') })
  await house.owner.post(`/api/member_imports/${file.id}/run`, { mapping: { name: 0, phone: 1, level: 2, clerk: 3 }, store_id: house.store.id })
  await until('the import', async () => (await house.owner.get('/api/member_imports/' + file.id)).created === 4)
  const people = {}
  const { items } = await house.clerk.get('/api/members')
  for (const m of items.filter((i) => i.name !== '没来过')) {
    const person = await world.person(m.name)
    await person.scan((await house.clerk.post('/api/codes', { kind: 'member', member_id: m.id })).url)
    people[m.name] = { ...person, memberId: m.id }
  }
  await world.settle()
  await people['周婷'].say('上次说的推车到货了吗')
  await people['何静'].say('谢谢，奶粉收到了')
  await people['林小雨'].say('王姐，宝宝四个月，晚上老醒，是不是奶不够？')
  await world.settle()
  const talk = async () => (await house.clerk.get('/api/conversations?queue=mine')).items.find((c) => c.member.name === '林小雨' && c.last_message?.kind === 'text')
  const chat = await until('the question', talk)
  const answers = ['四个月夜里醒两三次很常见', '白天每顿喝多少？', '可以先记三天，我帮您看']
  for (const [n, text] of answers.entries()) await house.clerk.post(`/api/conversations/${chat.id}/messages`, { kind: 'text', text, client_id: 'earlier-' + n })
  await until('the answers', async () => (await people['林小雨'].inbox()).length >= answers.length)
  for (let n = 1; n <= 40; n++) await people['林小雨'].say(`第 ${n} 次记：喝了 ${110 + n} 毫升`)
  await people['林小雨'].say('王姐您看这样够吗？')
  await world.settle()
  await until('the last question', async () => (await house.clerk.get('/api/conversations/' + chat.id)).last_message?.text === '王姐您看这样够吗？')
  return { people, chat: chat.id }
}

/** Hands all of them over, two first contacts a day. */
export async function handOver(house) {
  const plan = await house.owner.post('/api/handovers', {
    from_clerk_id: house.clerk.staff.id,
    rule: { kind: 'balanced', to: [house.colleague.staff.id], per_day: 2 },
  })
  await house.owner.post(`/api/handovers/${plan.id}/run`)
  await until('the handover', async () => (await house.owner.get('/api/handovers/' + plan.id)).state === 'done')
  return plan.id
}
