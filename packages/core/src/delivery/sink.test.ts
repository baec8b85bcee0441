import { describe, expect, it } from 'vitest'
import { assertSinkName } from './sink.js'

describe('assertSinkName()', () => {
  it.each(['a', 'kafka', 'remote-write-0a1b2c3d', 'A_1', 'x'.repeat(64)])('takes %s', (name) => {
    expect(() => assertSinkName(name)).not.toThrow()
  })

  it.each(['', 'a b', 'a/b', '..', 'ä', 'a\n', 'x'.repeat(65)])('refuses %j', (name) => {
    const message = `sink name ${JSON.stringify(name)} is not 1 to 64 letters, digits, "-" and "_"`
    expect(() => assertSinkName(name)).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})
