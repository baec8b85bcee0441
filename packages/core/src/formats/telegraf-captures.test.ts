import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Batch } from '../model/batch.js'
import { influxLine } from './influx-line.js'
import { telegrafJson } from './telegraf-json.js'
import { type TelegrafRow, telegrafRows } from './telegraf-rows.js'
import { pageBatch } from './testdata/page-batch.js'

/** Captures of a real Telegraf; its README says how they were made. */
const read = (file: string): string => readFileSync(new URL(`./testdata/telegraf-1.37.2/${file}`, import.meta.url), 'utf8')

const linesOf = (file: string): string[] => read(file).trimEnd().split('\n')

/** The page as scraped at the time of a capture, which Telegraf's agent had rounded to its precision, a second. */
const scrapedAt = (nowMs: number): Batch => pageBatch(read('metrics.txt'), { nowMs, origin: { url: 'http://127.0.0.1:19100/metrics.txt' } })

const influx = (row: TelegrafRow): string => influxLine(row)
const json = (row: TelegrafRow): string => telegrafJson(row, { timestampUnitMs: 1 })

const captures: readonly (readonly [file: string, metricVersion: 1 | 2, urlTag: string, write: (row: TelegrafRow) => string])[] = [
  ['out-v1.influx', 1, 'url', influx],
  ['out-v1-nourltag.influx', 1, '', influx],
  ['out-v1.json', 1, 'url', json],
  ['out-v2.influx', 2, 'url', influx],
  ['out-v2.json', 2, 'url', json],
]

describe('rows are those of Telegraf 1.37.2', () => {
  test.each(captures)('%s', (file, metricVersion, urlTag, write) => {
    const captured = linesOf(file)
    const nowMs = file.includes('nourltag') ? 1_795_301_558_000 : 1_795_301_557_000
    const { rows } = telegrafRows(scrapedAt(nowMs), { metricVersion, urlTag })
    const lines = rows.map(write).filter((line) => line !== '')
    expect(lines.sort()).toEqual(captured.sort())
  })

  test('out-v2-uint.influx, but for the order of fields, which Telegraf did not sort there', () => {
    const sortFields = (line: string): string => line.replace(/ (\S+_sum=\S+),(\S+_count=[^ ,]+) /, ' $2,$1 ')
    const { rows } = telegrafRows(scrapedAt(1_795_301_557_000), { metricVersion: 2 })
    const lines = rows.map(influx).filter((line) => line !== '')
    expect(lines.sort()).toEqual(linesOf('out-v2-uint.influx').map(sortFields).sort())
  })
})
