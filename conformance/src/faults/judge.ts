import { type ArrivalSource, arrivals, type SentSamples } from '../e2e/arrivals.js'
import type { Figures } from './figures.js'
import { acknowledgedBy } from './load.js'

/** Whether everything that was acknowledged arrived, each series in its order, and nothing else; how much of it came twice. */
export function judgeArrivals(figures: Figures, target: ArrivalSource, clients: readonly SentSamples[]): void {
  const { missing, foreign, outOfOrder, duplicates } = arrivals(target, clients)
  figures.none('lost', missing, acknowledgedBy(clients))
  figures.none('out of order or foreign', [...foreign, ...outOfOrder])
  figures.count('duplicates', duplicates)
}

/** Since a moment of `performance.now()`. */
export function secondsSince(beganMs: number): number {
  return (performance.now() - beganMs) / 1_000
}
