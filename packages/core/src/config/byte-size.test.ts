import { describe, expect, it } from 'vitest'
import { parseByteSize } from './byte-size.js'

describe('parseByteSize()', () => {
  it.each([
    ['0', 0],
    ['0B', 0],
    ['100B', 100],
    ['1KB', 1024],
    ['1KiB', 1024],
    ['64MB', 64 * 1024 ** 2],
    ['1GiB', 1024 ** 3],
    ['2TB', 2 * 1024 ** 4],
    ['1PiB', 1024 ** 5],
    ['1.5MB', 1.5 * 1024 ** 2],
    ['.5KB', 512],
    ['1.KB', 1024],
    ['1MB512KB', 1024 ** 2 + 512 * 1024],
  ])('reads %s', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes)
  })

  it.each(['', '1', '100', 'MB', '1mb', '1M', '1iB', '-1B', '1 MB', '1MB ', '1MBx', '1e3B', '.KB', '1EB', '1..5KB', 'B1'])(
    'refuses %j',
    (text) => {
      expect(parseByteSize(text)).toBeUndefined()
    },
  )
})
