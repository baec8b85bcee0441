import type { InfluxdServer, QueriedSeries } from '@promline/servers'
import { seriesKey } from './exposition.js'

/** Samples by `seriesKey`, each series by its timestamp in milliseconds. */
export type StoredSeries = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Everything that a database holds. InfluxDB's own endpoint of remote write leaves a tag `__name__`, which is the measurement once more. */
export async function influxSeries(influx: InfluxdServer, database: string): Promise<StoredSeries> {
  const stored = new Map<string, ReadonlyMap<number, number>>()
  for (const { name, tags, rows } of await influx.query('SELECT value FROM /.*/ GROUP BY *', { database })) {
    // A tag that another series of the measurement has comes as an empty one.
    const own = Object.entries(tags).filter(([tag, value]) => tag !== '__name__' && value !== '')
    const samples = rows.map(({ time, value }): [number, number] => [Date.parse(String(time)), Number(value)])
    stored.set(seriesKey(name, Object.fromEntries(own)), new Map(samples))
  }
  return stored
}

/** The answer to a range selector. */
export function promqlSeries(answer: readonly QueriedSeries[]): StoredSeries {
  return new Map(
    answer.map(({ labels, samples }) => {
      const { __name__: name = '', ...rest } = labels
      return [seriesKey(name, rest), new Map(samples.map(({ timestampMs, value }) => [timestampMs, promValue(value)]))]
    }),
  )
}

const infinities: Readonly<Record<string, number>> = { '+Inf': Number.POSITIVE_INFINITY, '-Inf': Number.NEGATIVE_INFINITY }

/** A number as Prometheus' API prints it. */
export function promValue(text: string): number {
  return infinities[text] ?? Number(text)
}

/** What `wanted` has and `stored` lacks or has otherwise; `[]` where nothing is. */
export function missingFrom(stored: StoredSeries, wanted: StoredSeries): string[] {
  return [...wanted].flatMap(([key, samples]) =>
    [...samples].flatMap(([timestampMs, value]) => {
      const found = stored.get(key)?.get(timestampMs)
      return found !== undefined && Object.is(found, value) ? [] : [`${key} at ${timestampMs}: ${value}, not ${found}`]
    }),
  )
}
