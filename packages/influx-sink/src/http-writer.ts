import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type BasicAuth, createHttpClient, decodeUtf8, type SecretSource, type TlsConfig, userAgent } from '@promline/core'
import type { LineAnswer, LineWriter } from './line-writer.js'
import { writeUrl } from './write-url.js'

/** Below this compressing costs more than it saves; the value of @influxdata/influxdb-client. */
export const gzipThresholdBytes = 1000
/** An answer may quote every line that it refuses. */
const maxAnswerBytes = 32 * 1024 * 1024

const compress = promisify(gzip)

export interface HttpWriterOptions {
  readonly url: string
  /** 1: `/write`; 2: `/api/v2/write`; 3: `/api/v3/write_lp`. */
  readonly version: 1 | 2 | 3
  /** The database; the bucket in version 2. */
  readonly database: string
  /** Version 2. */
  readonly org?: string
  /** Sent as `Token`, or as `Bearer` in version 3. */
  readonly token?: SecretSource
  readonly basicAuth?: BasicAuth
  readonly tls?: TlsConfig
  readonly gzip: boolean
  readonly timeoutMs: number
}

/** Writes by plain HTTP, for all versions of InfluxDB and what speaks like them. Throws a PromlineError `options`. */
export function httpWriter(options: HttpWriterOptions): LineWriter {
  const { token, basicAuth, tls } = options
  const client = createHttpClient({
    userAgent,
    ...(tls !== undefined && { tls }),
    ...(basicAuth !== undefined && { basicAuth }),
    ...(token !== undefined && { authorization: { type: options.version === 3 ? 'Bearer' : 'Token', credentials: token } }),
  })
  const url = endpointUrl(options)
  return {
    async write(lines, { signal }): Promise<LineAnswer> {
      const compressed = options.gzip && lines.length >= gzipThresholdBytes
      const { status, headers, body } = await client.request({
        method: 'POST',
        url,
        headers: { 'content-type': 'text/plain; charset=utf-8', ...(compressed && { 'content-encoding': 'gzip' }) },
        body: compressed ? await compress(lines) : lines,
        timeoutMs: options.timeoutMs,
        maxBodyBytes: maxAnswerBytes,
        signal,
      })
      const { 'retry-after': retryAfter, 'content-type': contentType } = headers
      return {
        status,
        body: decodeUtf8(body),
        ...(retryAfter !== undefined && { retryAfter }),
        ...(contentType !== undefined && { contentType }),
      }
    },
    close: () => client.close(),
  }
}

function endpointUrl({ url, version, database, org }: HttpWriterOptions): string {
  if (version === 1) return writeUrl(url, '/write', { db: database, precision: 'ns' })
  if (version === 3) return writeUrl(url, '/api/v3/write_lp', { db: database, precision: 'nanosecond' })
  return writeUrl(url, '/api/v2/write', { org: org ?? '', bucket: database, precision: 'ns' })
}
