import { addCounts, type Counts, subtractCounts, totalOf, zeroCounts } from './batch.js'

/** Whether nothing is there. */
export function isEmpty(counts: Counts): boolean {
  return totalOf(counts) === 0
}

/** The sum of several counts. */
export function sumCounts(all: Iterable<Counts>): Counts {
  let sum = zeroCounts
  for (const one of all) sum = addCounts(sum, one)
  return sum
}

/** The lesser of each kind. */
export function lesserCounts(a: Counts, b: Counts): Counts {
  return {
    samples: Math.min(a.samples, b.samples),
    histograms: Math.min(a.histograms, b.histograms),
    exemplars: Math.min(a.exemplars, b.exemplars),
  }
}

/** How much `counts` go beyond `other`, kind by kind; never below zero. */
export function excessCounts(counts: Counts, other: Counts): Counts {
  return subtractCounts(counts, lesserCounts(counts, other))
}
