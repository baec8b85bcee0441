import { exposition, type Family } from './exposition.js'
import { noiseHex, noiseInteger } from './noise.js'

/** Series of a family. */
const familySize = 100
/** Scrapes that a series lives for: of so many neighbours, one is another in each version, which is 5 %. */
const lifetime = 20

/**
 * `count` series of which a twentieth is new in each version, and never seen again once it has gone: pods that are replaced, each with a
 * row in every family. They stand between those that stay, so no stretch of the page is long the same. `count` is a multiple of 20.
 */
export function churningPage(count: number, version: number): string {
  const families: Family[] = []
  for (let first = 0; first < count; first += familySize) families.push(churningFamily(first, Math.min(count, first + familySize), version))
  return exposition(families)
}

function churningFamily(first: number, end: number, version: number): Family {
  const number = first / familySize
  const name = `churn_events_${String(number).padStart(4, '0')}_total`
  const lines: string[] = []
  for (let i = first; i < end; i++) {
    const pod = `worker-${noiseHex(i, 1000 + lifeOf(i, version), 10)}-${i}`
    const labels = `cluster="production-eu",namespace="team-${i % 17}",pod="${pod}",container="application",code="${200 + (i % 5)}"`
    lines.push(`${name}{${labels}} ${1000 + noiseInteger(i, 1, 1_000_000) + version * noiseInteger(i, 2, 5000)}`)
  }
  return { name, type: 'counter', help: 'Events of a pod that does not live long.', lines }
}

/** Which of the series that follow one another at a place is there. Of any `lifetime` neighbours, each changes in a version of its own. */
function lifeOf(place: number, version: number): number {
  const phase = (place * 7 + Math.floor(place / lifetime) * 3) % lifetime
  return Math.floor((version + phase) / lifetime)
}
