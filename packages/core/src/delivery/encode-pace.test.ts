import { expect, it } from 'vitest'
import { EncodePace } from './encode-pace.js'

/** Starts encoders that take so long each, all at once, and says in which turn of the event loop each one encoded. */
async function turnsOf(durationsMs: readonly number[]): Promise<readonly number[]> {
  let nowMs = 0
  let turn = 0
  const pace = new EncodePace({ monotonicMs: () => nowMs })
  const turns: number[] = []
  let left = durationsMs.length
  const countTurns = (): void => {
    turn++
    if (left > 0) setImmediate(countTurns)
  }
  setImmediate(countTurns)
  const encoders = durationsMs.map(async (durationMs) => {
    for (let wait = pace.wait(); wait !== undefined; wait = pace.wait()) await wait
    pace.measure(() => {
      nowMs += durationMs
      turns.push(turn)
    })
    left--
  })
  await Promise.all(encoders)
  return turns
}

it.each<[what: string, durationsMs: readonly number[], turns: readonly number[]]>([
  ['nothing to do', [], []],
  ['what takes no time', [0, 0, 0, 0], [0, 0, 0, 0]],
  ['what fits one turn', [3, 3, 3], [0, 0, 0]],
  ['one each, where each fills a turn', [20, 20, 20], [0, 1, 2]],
  ['as many as it takes to fill one', [4, 4, 4, 4, 4, 4], [0, 0, 0, 1, 1, 1]],
])('encodes in turns of the event loop: %s', async (_, durationsMs, turns) => {
  expect(await turnsOf(durationsMs)).toEqual(turns)
})

it('gives what was encoded, and hands on what is thrown', () => {
  const pace = new EncodePace({ monotonicMs: () => 0 })
  expect(pace.measure(() => 5)).toBe(5)
  expect(() =>
    pace.measure(() => {
      throw new Error('no')
    }),
  ).toThrow('no')
})
