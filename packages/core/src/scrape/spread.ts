import { createHash } from 'node:crypto'
import type { Target } from './target.js'

/**
 * Where in its interval a target is scraped, in whole milliseconds from 0: the same after every restart, spread evenly over the targets,
 * and another one for another seed, so that two agents that scrape the same targets do not do it at the same moment. Relative to the wall
 * clock: a scrape is due where `now % interval` is the offset.
 */
export function scrapeOffsetMs(target: Target, seed: string): number {
  const hash = createHash('sha256').update(`${seed}\n${target.url}\n`).update(target.labels.bytes).digest()
  return hash.readUIntBE(0, 6) % target.intervalMs
}
