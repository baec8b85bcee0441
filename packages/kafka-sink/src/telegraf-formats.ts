import { type Batch, type Dropped, encodeUtf8, influxLine, type TelegrafRow, telegrafJson, telegrafRows, totalOf } from '@promline/core'
import type { FormattedRecord, FormattedRecords, RecordFormat } from './records.js'

/** What Telegraf's `inputs.prometheus` and its agent set. */
export interface TelegrafFormatOptions {
  /** 1 (Telegraf's default): a family is a measurement. 2: `prometheus` is the measurement and the metric's name is the field. */
  readonly metricVersion?: 1 | 2
  /** The tag `host`. Default: none is added. */
  readonly host?: string
  /** The tag that names the scraped URL. Default `url`; '' leaves it out (Telegraf: url_tag). */
  readonly urlTag?: string
}

export interface TelegrafJsonOptions extends TelegrafFormatOptions {
  /** 1000 (default): timestamps in seconds, as Telegraf writes them. 1: in milliseconds (Telegraf: json_timestamp_units = "1ms"). */
  readonly timestampUnitMs?: 1 | 1000
}

/** InfluxDB line protocol, one line a record: Telegraf's default `data_format`. A record's value ends in one line feed, as Telegraf's does. */
export function influxFormat(options: TelegrafFormatOptions = {}): RecordFormat {
  return telegrafFormat('influx', options, influxLine)
}

/** Telegraf's `data_format = "json"`, one object a record. A record's value ends in one line feed, as Telegraf's does. */
export function telegrafJsonFormat(options: TelegrafJsonOptions = {}): RecordFormat {
  const timestampUnitMs = options.timestampUnitMs ?? 1000
  return telegrafFormat('telegraf-json', options, (row) => telegrafJson(row, { timestampUnitMs }))
}

function telegrafFormat(name: string, options: TelegrafFormatOptions, serialize: (row: TelegrafRow) => string): RecordFormat {
  const rowOptions = {
    metricVersion: options.metricVersion ?? 1,
    ...(options.urlTag !== undefined && { urlTag: options.urlTag }),
    ...(options.host !== undefined && options.host !== '' && { host: options.host }),
  }
  const format = (batches: readonly Batch[]): FormattedRecords => {
    const records: FormattedRecord[] = []
    const dropped: Dropped[] = []
    for (const batch of batches) {
      const formatted = telegrafRows(batch, rowOptions)
      dropped.push(...formatted.dropped)
      for (const row of formatted.rows) {
        const text = serialize(row)
        // Line protocol has no form for a row without a field, whose values were dropped before, nor for a measurement of backslashes.
        if (text !== '')
          records.push({ value: encodeUtf8(`${text}\n`), timestampMs: row.timestampMs, seriesKey: row.seriesKey, counts: row.counts })
        else if (totalOf(row.counts) > 0) dropped.push({ reason: 'unsupported', counts: row.counts })
      }
    }
    return { records, dropped }
  }
  return { name, format }
}
