import { expect, test } from 'vitest'
import { spoolComparisons } from './comparisons.js'
import { createLoad } from './load.js'
import { measureLog } from './measure.js'
import { segmentQueueLog } from './segment-queue.js'

const small = { corpus: 'tiny', bytes: 50_000 } as const

test.each(spoolComparisons[0]!.subjects.map((subject) => [subject.name, subject] as const))(
  '%s gives back what it was given',
  async (_, subject) => {
    const figures = await measureLog(subject, small)
    for (const figure of Object.values(figures)) expect(figure).toBeGreaterThan(0)
  },
)

test('a log that gives back something else gives no figure', async () => {
  const wrong = {
    name: 'wrong',
    open: async (...place: Parameters<typeof segmentQueueLog.open>) => {
      const log = await segmentQueueLog.open(...place)
      return {
        ...log,
        read: (visit: Parameters<typeof log.read>[0]) => log.read((index, [values]) => visit(index, [values!.map((value) => value + 1)])),
      }
    },
  }
  await expect(measureLog(wrong, small)).rejects.toThrow('batch 0 is not what was appended')
})

test('a load is as long as it says', async () => {
  const load = await createLoad('tiny', 1000)
  const bytes = Array.from({ length: load.batches }, (_, index) => load.recordAt(index).length - 8).reduce((a, b) => a + b)
  expect(bytes).toBe(load.bytes)
  expect(bytes).toBeGreaterThanOrEqual(1000)
})
