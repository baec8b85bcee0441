import { exposition, type Family } from './exposition.js'
import { noise, noiseInteger } from './noise.js'

/** Series of a family. */
const familySize = 100
const zones = ['eu-west-1a', 'eu-west-1b', 'us-east-1c']

/** `count` series with five labels: in turn a family of counters of seven digits and one of gauges with four decimals. */
export function numberedPage(count: number, version: number): string {
  const families: Family[] = []
  for (let first = 0; first < count; first += familySize) {
    families.push(numberedFamily(first, Math.min(count, first + familySize), version))
  }
  return exposition(families)
}

function numberedFamily(first: number, end: number, version: number): Family {
  const number = first / familySize
  const isCounter = number % 2 === 0
  const name = `bench_${isCounter ? 'requests' : 'load'}_${String(number).padStart(4, '0')}${isCounter ? '_total' : ''}`
  const lines: string[] = []
  for (let i = first; i < end; i++) {
    const labels = `host="host-${i % 50}",path="/v1/item/${i}",zone="${zones[i % zones.length]}",code="${200 + (i % 5)}",shard="${i % 7}"`
    lines.push(`${name}{${labels}} ${isCounter ? counter(i, version) : gauge(i, version)}`)
  }
  return { name, type: isCounter ? 'counter' : 'gauge', help: 'One of many.', lines }
}

function counter(i: number, version: number): number {
  return 1_000_000 + noiseInteger(i, 1, 8_000_000) + version * noiseInteger(i, 2, 100_000)
}

function gauge(i: number, version: number): string {
  return (noise(i, 100 + version) * 1000).toFixed(4)
}
