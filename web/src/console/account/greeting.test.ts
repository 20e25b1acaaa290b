import { describe, expect, it } from 'vitest'
import { fill } from './greeting'

const values = { member: '李女士', clerk: '王芳', store: '中山路店', account: '小禾' }

describe('a greeting', () => {
  it('names member, clerk, store and account', () => {
    expect(fill('{member}，我是{store}的{clerk}，欢迎来到{account}，{member}', values)).toBe('李女士，我是中山路店的王芳，欢迎来到小禾，李女士')
  })

  it('leaves a field alone that it has no value for', () => {
    expect(fill('{earlier} {clerk} {constructor}', values)).toBe('{earlier} 王芳 {constructor}')
    expect(fill('{earlier}', { earlier: '李娜' })).toBe('李娜')
  })

  it('leaves other braces and dollar signs as they are', () => {
    expect(fill('{price} {Member} $& {clerk}', { ...values, clerk: '$1' })).toBe('{price} {Member} $& $1')
  })
})
