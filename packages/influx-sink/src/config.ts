import { type Clock, type LineProtocolSchema, PromlineError, type SecretSource, systemClock, type TlsConfig } from '@promline/core'
import { assertSinkName } from '@promline/core/delivery'
import { httpWriter } from './http-writer.js'
import { influxClientWriter } from './influx-client-writer.js'
import type { LineWriter } from './line-writer.js'

/** InfluxDB 3 takes 10 MB by default, 1.x 25 MB; what is joined into one request is far below. */
const defaultMaxBodyBytes = 5_000_000
/** As `sendTimeoutMs` of delivery and remote write's `remote_timeout`. */
const defaultTimeoutMs = 30_000

/** 1: `/write`, also InfluxDB 1.8's, VictoriaMetrics', Telegraf's. 2: `/api/v2/write`. 3: `/api/v3/write_lp`. */
export type InfluxVersion = 1 | 2 | 3

export interface InfluxSinkOptions {
  /** The sink's name, also of its cursor: `[A-Za-z0-9_-]{1,64}`. Default `influx`. */
  readonly name?: string
  /** The server, such as `http://influxdb:8086`. Its user information is the login where nothing else is; its query is kept in 1.x and 3. */
  readonly url?: string
  /** Default 1. */
  readonly version?: InfluxVersion
  /** 1.x and 3: must exist. 2.x: the bucket, where `bucket` is not given. */
  readonly database?: string
  /** 2.x. */
  readonly org?: string
  /** 2.x. */
  readonly bucket?: string
  /** 2.x, 3, and 1.8 as `username:password`. */
  readonly token?: SecretSource
  /** 1.x, with `password`. */
  readonly username?: string
  readonly password?: SecretSource
  readonly tls?: TlsConfig
  /** How samples become points. Default `prometheus`: measurement = metric, field `value`, as InfluxDB 1.x' own endpoint does it. */
  readonly schema?: LineProtocolSchema
  /** Instead of `url` and what belongs to it: `fileWriter({ path })`, or one of your own. */
  readonly writer?: LineWriter
  /** Compress bodies. Default true. */
  readonly gzip?: boolean
  /** One attempt is given up after this. Default 30,000. */
  readonly timeoutMs?: number
  /** A larger body is halved before it is sent. Default 5,000,000. */
  readonly maxBodyBytes?: number
  readonly clock?: Clock
}

/** Complete and checked options. */
export interface InfluxSinkConfig {
  readonly name: string
  /** Database or bucket: the unit of sending, and what messages name. */
  readonly database: string
  readonly schema: LineProtocolSchema
  /** Whether no tag may have the name of a field, which 3 refuses. */
  readonly distinctNames: boolean
  readonly maxBodyBytes: number
  readonly writer: LineWriter
  readonly clock: Clock
}

/** Completes the options and makes the writer. Throws a PromlineError `options` that names the option. */
export function validateInfluxSinkOptions(options: InfluxSinkOptions): InfluxSinkConfig {
  const name = options.name ?? 'influx'
  assertSinkName(name)
  const schema = options.schema ?? 'prometheus'
  if (!['prometheus', 'telegraf-v1', 'telegraf-v2'].includes(schema)) {
    throw optionError('schema must be prometheus, telegraf-v1 or telegraf-v2', schema)
  }
  const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 1000)
    throw optionError('maxBodyBytes must be a whole number from 1000', maxBodyBytes)
  const version = options.version ?? 1
  if (version !== 1 && version !== 2 && version !== 3) throw optionError('version must be 1, 2 or 3', version)
  const common = { name, schema, distinctNames: version === 3, maxBodyBytes, clock: options.clock ?? systemClock }
  const database = (version === 2 ? options.bucket : undefined) ?? options.database ?? ''
  if (options.writer !== undefined) {
    if (options.url !== undefined) throw optionError('writer stands instead of url', options.url)
    return { ...common, database: database === '' ? name : database, writer: options.writer }
  }
  if (database === '') throw optionError(`${version === 2 ? 'bucket' : 'database'} must be given`, database)
  return { ...common, database, writer: createWriter(options, { version, database }) }
}

function createWriter(options: InfluxSinkOptions, at: { readonly version: InfluxVersion; readonly database: string }): LineWriter {
  const { token, username, password, tls, org } = options
  const url = checkedUrl(options.url)
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1) throw optionError('timeoutMs must be a whole number from 1', timeoutMs)
  if (token !== undefined && username !== undefined) throw optionError('token and username exclude each other', username)
  if ((username === undefined) !== (password === undefined)) throw optionError('username and password belong together', username)
  const common = { url, timeoutMs, gzip: options.gzip ?? true, ...(tls !== undefined && { tls }) }
  if (at.version === 2) {
    if (org === undefined || org === '') throw optionError('org must be given', org)
    if (username !== undefined) throw optionError('version 2 knows tokens, no username', username)
    const { search } = new URL(url)
    if (search !== '') throw optionError('url must have no query in version 2', search)
    return influxClientWriter({ ...common, org, bucket: at.database, ...(token !== undefined && { token }) })
  }
  return httpWriter({
    ...common,
    version: at.version,
    database: at.database,
    ...(token !== undefined && { token }),
    ...(username !== undefined && password !== undefined && { basicAuth: { username, password } }),
  })
}

function checkedUrl(url: string | undefined): string {
  const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : undefined
  if (parsed !== undefined && (parsed.protocol === 'http:' || parsed.protocol === 'https:')) return parsed.href
  // Not quoted: it may hold a password.
  throw new PromlineError('options', 'influx sink: url must be an http or https URL', { facts: { option: 'url' } })
}

function optionError(rule: string, value: unknown): PromlineError {
  return new PromlineError('options', `influx sink: ${rule}, not ${value === undefined ? 'undefined' : JSON.stringify(value)}`)
}
