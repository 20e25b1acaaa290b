import { describe, expect, it } from 'vitest'
import { csv } from './csv'

describe('a table as a file', () => {
  it('is read as UTF-8 and quotes what has to be', () => {
    expect(csv([['卡号', '导购'], ['1,2', '王"芳']])).toBe('\ufeff卡号,导购\r\n"1,2","王""芳"\r\n')
  })

  it('holds no formula, while numbers with a sign stay', () => {
    expect(csv([['=1+1', '@x', '-cmd', '+8613900000001', '-12']])).toBe("\ufeff'=1+1,'@x,'-cmd,+8613900000001,-12\r\n")
  })
})
