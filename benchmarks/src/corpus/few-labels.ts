import { exposition, type Family } from './exposition.js'
import { noiseInteger } from './noise.js'

/** Series of a family. */
const familySize = 10

/** `count` counters with one label: with `job` and `instance`, which the scraper adds, they have three. */
export function fewLabelsPage(count: number, version: number): string {
  const families: Family[] = []
  for (let first = 0; first < count; first += familySize) {
    const name = `few_operations_${String(first / familySize).padStart(4, '0')}_total`
    const lines = Array.from({ length: Math.min(count - first, familySize) }, (_, k) => {
      const i = first + k
      return `${name}{shard="${i}"} ${noiseInteger(i, 1, 10_000_000) + version * noiseInteger(i, 2, 5000)}`
    })
    families.push({ name, type: 'counter', help: 'Operations of a shard.', lines })
  }
  return exposition(families)
}
