/** A stream of pseudo-random numbers in [0, 1): the same seed gives the same stream on every machine. */
export type Random = () => number

/** Mulberry32: 32 bits of state, and good enough to make up traffic with. https://github.com/cprosche/mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * How many of many rare events happen, `mean` being how many do on average. Knuth's method: as many draws as events, so for means of a
 * few tens at most.
 */
export function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean)
  let events = 0
  for (let product = random(); product > limit; product *= random()) events++
  return events
}
