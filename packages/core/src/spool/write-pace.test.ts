import { describe, expect, it } from 'vitest'
import { WritePace } from './write-pace.js'

interface Started {
  readonly pace: WritePace
  readonly advance: (ms: number) => void
  readonly write: (tookMs: number) => number
  /** The event loop turns. */
  readonly turn: () => void
}

/** A pace, and a clock that writes move on. */
function start(): Started {
  let nowMs = 1000
  const waiting: (() => void)[] = []
  const advance = (ms: number): void => {
    nowMs += ms
  }
  const pace = new WritePace({ monotonicMs: () => nowMs, onNextTurn: (callback) => waiting.push(callback) })
  const write = (tookMs: number): number =>
    pace.run(() => {
      advance(tookMs)
      return 7
    })
  const turn = (): void => {
    for (const callback of waiting.splice(0)) callback()
  }
  return { pace, advance, write, turn }
}

describe('the pace of writing', () => {
  it.each([
    [0, true],
    [64 * 1024, true],
    [64 * 1024 + 1, false],
  ])('%d bytes at once: %s', (bytes, allowed) => {
    expect(start().pace.allows(bytes)).toBe(allowed)
  })

  it('goes on as long as writes are quick', () => {
    const { pace, write, turn } = start()
    for (let i = 0; i < 1000; i++) {
      expect(write(0.25)).toBe(7)
      turn()
    }
    expect(pace.allows(100)).toBe(true)
  })

  it('hands over after 16 writes, until the event loop turned', () => {
    const { pace, write, turn } = start()
    for (let i = 0; i < 16; i++) {
      expect(pace.allows(1)).toBe(true)
      write(0)
    }
    expect(pace.allows(1)).toBe(false)
    turn()
    expect(pace.allows(1)).toBe(true)
  })

  it('hands over once slow writes took 20 ms, until they took a tenth of the time', () => {
    const { pace, advance, write } = start()
    write(15)
    expect(pace.allows(1)).toBe(true)
    // 5 of the 20 ms are left, and a tenth of the time that passed.
    write(15)
    expect(pace.allows(1)).toBe(false)
    advance(100 - 15 - 15 - 1)
    expect(pace.allows(1)).toBe(false)
    advance(2)
    expect(pace.allows(1)).toBe(true)
  })

  it('hands over for a hundred times as long as a write took that waited longer than 20 ms', () => {
    const { pace, advance, write } = start()
    write(200)
    advance(100 * 200 - 10 * 20 - 200 - 1)
    expect(pace.allows(1)).toBe(false)
    advance(2)
    expect(pace.allows(1)).toBe(true)
  })

  it('counts a slow failure as well', () => {
    const { pace, advance } = start()
    const fail = (): number =>
      pace.run(() => {
        advance(100)
        throw new Error('EIO')
      })
    expect(fail).toThrow('EIO')
    expect(pace.allows(1)).toBe(false)
  })
})
