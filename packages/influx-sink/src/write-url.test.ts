import { describe, expect, it } from 'vitest'
import { writeUrl } from './write-url.js'

describe('writeUrl()', () => {
  it.each([
    ['http://a:8086', 'http://a:8086/write?db=d'],
    ['http://a:8086/', 'http://a:8086/write?db=d'],
    ['http://a:8086/proxy/', 'http://a:8086/proxy/write?db=d'],
    ['http://a:8086/write', 'http://a:8086/write?db=d'],
    ['http://a:8086/write?rp=week', 'http://a:8086/write?rp=week&db=d'],
    ['http://a:8086?db=other', 'http://a:8086/write?db=d'],
  ])('%s', (url, expected) => {
    expect(writeUrl(url, '/write', { db: 'd' })).toBe(expected)
  })
})
