import { jsonAt, jsonTextsAt } from '@promline/servers'
import { seriesKey } from './exposition.js'
import type { Line } from './line-protocol.js'

/** A sample that a row stands for, as on the page that was scraped. */
export interface RowSample {
  /** As `seriesKey` gives it. */
  readonly key: string
  /** The page's address. */
  readonly url: string
  readonly timestampMs: number
  readonly value: number
}

/** Fields of metric version 1 that stand for the family's own name, or for a suffix of it. */
const suffixes: Readonly<Record<string, string>> = { gauge: '', counter: '', value: '', sum: '_sum', count: '_count' }

/**
 * The samples of a row of metric version 1: a measurement for each family, and a field for each of its samples.
 *
 * @param page where the family's type is found: a field `0.5` is a quantile of a summary or a bucket of a histogram
 */
export function samplesOfVersion1({ measurement, tags, fields, timestampMs }: Line, page: string): RowSample[] {
  const { url = '', ...labels } = tags
  const isHistogram = page.includes(`# TYPE ${measurement} histogram\n`)
  return Object.entries(fields).map(([field, value]) => {
    const suffix = suffixes[field]
    const parted = isHistogram
      ? seriesKey(`${measurement}_bucket`, { ...labels, le: field })
      : seriesKey(measurement, { ...labels, quantile: field })
    const key = suffix === undefined ? parted : seriesKey(measurement + suffix, labels)
    return { key, url, timestampMs, value }
  })
}

/** The samples of a row of metric version 2: fields have the names of the samples. */
export function samplesOfVersion2({ tags, fields, timestampMs }: Line): RowSample[] {
  const { url = '', ...labels } = tags
  return Object.entries(fields).map(([field, value]) => ({ key: seriesKey(field, labels), url, timestampMs, value }))
}

/** A record of telegraf-json as the line that it would be; its timestamp is in seconds. Throws where it is none. */
export function parseTelegrafJson(text: string): Line {
  const record: unknown = JSON.parse(text)
  const keys = typeof record === 'object' && record !== null ? Object.keys(record) : []
  if (keys.join() !== 'fields,name,tags,timestamp') throw new Error(`${text} is no record of Telegraf`)
  const fields = Object.entries(jsonTextsAt(record, 'fields')).map(([name, value]): [string, number] => [name, Number(value)])
  return {
    measurement: String(jsonAt(record, 'name')),
    tags: jsonTextsAt(record, 'tags'),
    fields: Object.fromEntries(fields),
    timestampMs: Number(jsonAt(record, 'timestamp')) * 1_000,
  }
}
