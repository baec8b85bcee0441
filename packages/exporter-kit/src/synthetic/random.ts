import { encodeUtf8, hashBytes } from '@promline/core'

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

/** The stream of a place: what draws elsewhere neither sees nor moves it. */
export function createRandomAt(seed: number, place: string): Random {
  return createRandom(hashBytes(encodeUtf8(`${seed} ${place}`)))
}

/** Above this mean a Poisson distribution is nearly a normal one, and as many draws as events would be too many. */
const largeMean = 30

/** How many of many rare events happen, `mean` being how many do on average. Knuth's method, and for large means the normal distribution. */
export function poisson(random: Random, mean: number): number {
  if (mean > largeMean) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  const limit = Math.exp(-mean)
  let events = 0
  for (let product = random(); product > limit; product *= random()) events++
  return events
}

/** A draw from the standard normal distribution, by Box and Muller. */
function normal(random: Random): number {
  // 1 - random() is never 0, whose logarithm is none.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
