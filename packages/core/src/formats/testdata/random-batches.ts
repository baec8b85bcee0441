import type { Batch, Columns, Origin, SampleColumns } from '../../model/batch.js'
import { createLabels, type Labels, metricNameLabel } from '../../model/labels.js'
import type { MetricMetadata, MetricType } from '../../model/metadata.js'
import { packedOf } from '../../model/packed-series-list.js'
import type { Series } from '../../model/series.js'
import { createSeriesList, type SeriesList } from '../../model/series-list.js'

/** A number in [0, 1). */
export type Random = () => number

/** Numbers that depend on the seed alone. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c (mulberry32) */
export function createRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

const types: readonly MetricType[] = ['counter', 'gauge', 'unknown', 'histogram', 'histogram', 'summary', 'info']
const oddNames = ['a', 'http_requests_total', 'time', 'q,u o=te', 'n\nl', 'b\\', '\\', '#c', 'é😀', '_field', 'up']
const labelNames = ['job', 'exported_job', 'instance', 'host', 'url', 'time', 'exported_time', '__proto__', '10', 'a b', 'c\\', 'z,=', 'le', 'quantile', '\u{1f600}']
const labelValues = ['1', 'web', 'a,b c=d', 'x\\', '\\', 'l\n2', '"<>&\u2028', 'é', '\u{1f600}', 'http://h/']
const bounds = ['0.1', '1.0', '5', '1e6', '+Inf']
/** Other texts of the same bounds, and none. */
const oddBounds = ['1', '1e0', '+inf', 'NaN', 'x', '']
const targets: readonly (Labels | undefined)[] = [undefined, createLabels({ job: 'web', instance: '1' }), createLabels({ host: 'é', job: '1' })]
const urls = [undefined, 'http://h/metrics', 'http://user:pass@h/metrics']

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}

/** A scraper in small: lists that come again, scrape after scrape, with other values, and now and then with other series. */
export class BatchSource {
  readonly #random: Random
  readonly #origin: Origin
  #lists: SeriesList[]
  #nowMs = 1_700_000_000_000

  constructor(random: Random) {
    this.#random = random
    const url = pick(random, urls)
    const targetLabels = pick(random, targets)
    this.#origin = { kind: 'target', id: 't', ...(url !== undefined && { url }), ...(targetLabels !== undefined && { targetLabels }) }
    this.#lists = Array.from({ length: 1 + Math.floor(random() * 4) }, () => this.#list())
  }

  next(): Batch {
    const random = this.#random
    this.#nowMs += Math.floor(random() * 30_000)
    if (random() < 0.1) this.#lists[Math.floor(random() * this.#lists.length)] = this.#list()
    // The same page of another target, now and then.
    const origin = random() < 0.05 ? { ...this.#origin, url: 'http://other/' } : random() < 0.3 ? { ...this.#origin } : this.#origin
    const columns: Columns[] = this.#lists.map((list) => this.#columns(list))
    if (random() < 0.1) columns.push(this.#columns(pick(random, this.#lists)))
    if (random() < 0.1) columns.splice(1, 0, exemplarsOf(this.#lists[0]!))
    return { origin, columns }
  }

  #columns(series: SeriesList): SampleColumns {
    const random = this.#random
    const oddity = random() < 0.5 ? 0 : random() * 0.4
    const values = Float64Array.from({ length: series.length }, () => randomValue(random, oddity))
    const stale = random() < 0.2 ? Uint8Array.from(values, () => (random() < 0.4 ? 1 : 0)) : undefined
    for (const [i, isStale] of stale?.entries() ?? []) if (isStale === 1) values[i] = Number.NaN
    const columns = { kind: 'samples', series, values, timestampMs: this.#times(series.length), ...(stale !== undefined && { stale }) } as const
    return columns
  }

  #times(length: number): number | Float64Array {
    const random = this.#random
    const choice = random()
    if (choice < 0.7) return this.#nowMs
    // One time in a column, runs of one time, or any.
    const change = choice < 0.8 ? 0 : choice < 0.9 ? 0.1 : 0.7
    let time = this.#nowMs
    return Float64Array.from({ length }, () => (random() < change ? (time = pick(random, [0, -5, 1.5, 1_600_000_000_001])) : time))
  }

  #list(): SeriesList {
    const random = this.#random
    const series: Series[] = []
    const families = 1 + Math.floor(random() * 5)
    for (let i = 0; i < families; i++) series.push(...this.#family())
    if (random() < 0.1) series.sort(() => random() - 0.5)
    const list = createSeriesList(series, { automatic: random() < 0.05 })
    return random() < 0.5 ? packedOf(list) : list
  }

  #family(): Series[] {
    const random = this.#random
    const odd = pick(random, oddNames)
    const name = random() < 0.2 ? odd : `family_${Math.floor(random() * 50)}`
    const metadata = { name, type: pick(random, types), help: '', unit: '' }
    const others: [string, string][] = []
    const count = random() < 0.1 ? 8 : Math.floor(random() * 4)
    for (let i = 0; i < count; i++) {
      const label = pick(random, labelNames)
      if (others.every(([known]) => known !== label)) others.push([label, pick(random, labelValues)])
    }
    return membersOf(metadata, random).map(([suffix, bound]) => {
      const bare = bound === undefined ? others : [...others.filter(([label]) => label !== bound[0]), bound]
      const named: [string, string][] = random() < 0.01 ? bare : [[metricNameLabel, name + suffix], ...bare]
      return { labels: createLabels(named), metadata }
    })
  }
}

/** Suffixes and bounds of a family's series, some of which are missing. */
function membersOf({ type }: MetricMetadata, random: Random): [suffix: string, bound: [string, string] | undefined][] {
  if (type !== 'histogram' && type !== 'summary') return [['', undefined]]
  const [suffix, label] = type === 'histogram' ? ['_bucket', 'le'] : ['', 'quantile']
  const members: [string, [string, string] | undefined][] = [...bounds, ...(random() < 0.05 ? oddBounds : [])].map((bound) => [suffix, [label, bound]])
  members.push(['_sum', undefined], ['_count', undefined], ['_total', undefined])
  return members.filter(() => random() < 0.6)
}

function randomValue(random: Random, oddity: number): number {
  if (random() < oddity) return pick(random, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, -1.7976931348623157e308, 1e21, 1e-7])
  const choice = random()
  if (choice < 0.5) return Math.floor(random() * 10 ** Math.floor(random() * 17))
  if (choice < 0.8) return Math.round(random() * 1e9) / 10 ** Math.floor(random() * 8)
  return (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20)
}

function exemplarsOf(series: SeriesList): Columns {
  return { kind: 'exemplars', series, rows: Uint16Array.of(0), exemplars: [{ labels: createLabels({}), value: 1 }] }
}
