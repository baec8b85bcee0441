import { expect, it } from 'vitest'
import { lossesOf } from './losses.js'

const counts = (samples: number) => ({ samples, histograms: 0, exemplars: 0 })

it('tells what was lost from what was left out on purpose, and keeps silent about nothing', () => {
  expect(lossesOf({ relabel: counts(3), overflow: counts(2), age: counts(0) })).toEqual([
    { reason: 'relabel', samples: 3, intended: true },
    { reason: 'overflow', samples: 2, intended: false },
  ])
  expect(lossesOf({})).toEqual([])
})
