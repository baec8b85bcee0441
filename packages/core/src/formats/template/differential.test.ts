import { describe, expect, test } from 'vitest'
import { type Batch, countsOf, totalOf } from '../../model/batch.js'
import { hashBytes } from '../../model/bytes.js'
import { influxLine } from '../influx-line.js'
import { influxNames } from '../influx-names.js'
import { createLineProtocolEncoder, encodeLineProtocol, type LineProtocolSchema } from '../line-protocol.js'
import { pointsOf } from '../points.js'
import type { Row } from '../row-schema.js'
import { createTelegrafEncoder, type TelegrafEncoderOptions } from '../telegraf-encoder.js'
import { telegrafJson } from '../telegraf-json.js'
import { telegrafRows } from '../telegraf-rows.js'
import { BatchSource, createRandom } from '../testdata/random-batches.js'

const seedsPerTest = 20
const seeds: readonly number[] = Array.from({ length: 5 }, (_, i) => i * seedsPerTest)
/** Requests per seed. */
const rounds = 10

/** Requests of one or two batches, whose lists come again. */
function* requests(seed: number): Generator<readonly Batch[]> {
  const random = createRandom(seed)
  const sources = [new BatchSource(random), new BatchSource(random)]
  for (let round = 0; round < rounds; round++) {
    const batches = sources.map((source) => source.next())
    yield random() < 0.8 ? batches : batches.slice(0, 1)
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

const withLineFeed = (line: string): string => (line === '' ? '' : `${line}\n`)

const samplesOf = (batches: readonly Batch[]): number => batches.reduce((sum, batch) => sum + totalOf(countsOf(batch)), 0)

describe.each<LineProtocolSchema>(['prometheus', 'telegraf-v1', 'telegraf-v2'])('line protocol, %s', (schema) => {
  const rowsOf = (batch: Batch): readonly Row[] =>
    schema === 'prometheus'
      ? pointsOf(batch).rows
      : telegrafRows(batch, { metricVersion: schema === 'telegraf-v1' ? 1 : 2, urlTag: '' }).rows
  const lineOf = (row: Row): string => influxLine({ ...row, tags: influxNames(row.tags), fields: influxNames(row.fields) })

  test.each(seeds)('seeds from %i', (from) => {
    for (let seed = from; seed < from + seedsPerTest; seed++) {
      const encoder = createLineProtocolEncoder({ schema })
      for (const batches of requests(seed)) {
        const { bytes, counts, dropped } = encoder.encode(batches)
        const lines = batches.flatMap((batch) => rowsOf(batch).map((row) => withLineFeed(lineOf(row))))
        expect(text(bytes)).toBe(lines.join(''))
        expect({ text: text(bytes), counts, dropped }).toEqual(encodeLineProtocol(batches, { schema }))
        expect(totalOf(counts) + dropped.reduce((sum, one) => sum + totalOf(one.counts), 0)).toBe(samplesOf(batches))
      }
    }
  })
})

const telegrafOptions: readonly TelegrafEncoderOptions[] = [
  { format: 'influx', metricVersion: 1 },
  { format: 'influx', metricVersion: 2, urlTag: 'a b', host: 'h,1' },
  { format: 'json', metricVersion: 1, host: 'h"1' },
  { format: 'json', metricVersion: 2, urlTag: '', timestampUnitMs: 1 },
]

/** All that is said of a row. */
const described = (row: Pick<Row, 'timestampMs' | 'counts' | 'seriesKey'>, line: string): string =>
  `${line} ${row.timestampMs} ${row.counts.samples} ${Buffer.from(row.seriesKey ?? []).toString('hex')}`

describe.each(telegrafOptions)('Telegraf, %j', (options) => {
  const lineOf = (row: Row): string =>
    withLineFeed(options.format === 'influx' ? influxLine(row) : telegrafJson(row, { timestampUnitMs: options.timestampUnitMs ?? 1000 }))
  const hashKey = (key: Uint8Array): number => hashBytes(key) | 0

  test.each(seeds)('seeds from %i', (from) => {
    let rows = 0
    let templateRows = 0
    for (let seed = from; seed < from + seedsPerTest; seed++) {
      const encoder = createTelegrafEncoder({ ...options, hashKey })
      const twin = createTelegrafEncoder({ ...options, maxTemplateBytes: 0 })
      for (const batches of requests(seed)) {
        const made = encoder.encode(batches)
        const expected = batches.flatMap((batch) => telegrafRows(batch, options).rows.map((row) => ({ row, line: lineOf(row) })))
        expect(made.rows.map((row) => described(row, text(row.value))).join('')).toBe(
          expected.map(({ row, line }) => (line === '' ? '' : described(row, line))).join(''),
        )
        expect(made.dropped).toEqual(twin.encode(batches).dropped)
        expect([...made.rows, ...made.dropped].reduce((sum, one) => sum + totalOf(one.counts), 0)).toBe(samplesOf(batches))
        const hashed = made.rows.filter(({ keyHash }) => keyHash !== undefined)
        expect(hashed.map(({ keyHash }) => keyHash)).toEqual(hashed.map(({ seriesKey }) => hashKey(seriesKey)))
        rows += made.rows.length
        templateRows += hashed.length
      }
    }
    // Else the twin would be compared with itself.
    expect(templateRows / rows).toBeGreaterThan(0.5)
  })
})
