import { createTelegrafEncoder, type TelegrafEncoderOptions } from '@promline/core'
import { murmur2 } from './murmur2.js'
import type { RecordFormat } from './records.js'

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
  return telegrafFormat('influx', { ...rowOptions(options), format: 'influx' })
}

/** Telegraf's `data_format = "json"`, one object a record. A record's value ends in one line feed, as Telegraf's does. */
export function telegrafJsonFormat(options: TelegrafJsonOptions = {}): RecordFormat {
  const { timestampUnitMs = 1000 } = options
  return telegrafFormat('telegraf-json', { ...rowOptions(options), format: 'json', timestampUnitMs })
}

function rowOptions({ metricVersion = 1, urlTag, host }: TelegrafFormatOptions): Omit<TelegrafEncoderOptions, 'format'> {
  return { metricVersion, ...(urlTag !== undefined && { urlTag }), ...(host !== undefined && { host }) }
}

function telegrafFormat(name: string, options: TelegrafEncoderOptions): RecordFormat {
  const encoder = createTelegrafEncoder({ ...options, hashKey: murmur2 })
  return {
    name,
    format(batches) {
      const { rows, dropped } = encoder.encode(batches)
      return { records: rows, dropped }
    },
  }
}
