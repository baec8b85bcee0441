import { maxTimerMs } from '../model/duration.js'
import { PromlineError } from '../model/errors.js'
import type { HttpClientOptions, TlsConfig } from './client-options.js'

/**
 * Headers that the protocols or their own options own: a configured one would break a request or leak where it must not.
 * The list of Prometheus' `http_config` and `remote_write`.
 */
const reservedHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'transfer-encoding',
  'user-agent',
  'www-authenticate',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-prometheus-remote-read-version',
  'x-prometheus-remote-write-version',
  'x-prometheus-scrape-timeout-seconds',
])

/** A token of RFC 9110 5.6.2. */
export const headerName: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 5.5: visible characters, blanks and tabs; what else a value holds could end the header. */
export const headerValue: RegExp = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Refuses options that contradict each other or cannot go onto the wire. Throws a PromlineError (`options`) whose facts name the
 * `option`; its message never holds a secret.
 */
export function validateHttpClientOptions(options: HttpClientOptions): void {
  if (options.basicAuth !== undefined && options.authorization !== undefined) {
    throw optionError('authorization', 'basicAuth and authorization exclude each other')
  }
  if (options.basicAuth?.username.includes(':')) throw optionError('basicAuth', 'a username must not contain ":"')
  if (options.authorization?.type !== undefined) validateAuthorizationType(options.authorization.type)
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    validateHeader(name, typeof value === 'string' ? value : value.reveal())
  }
  const { connectTimeoutMs = 1 } = options
  if (!Number.isSafeInteger(connectTimeoutMs) || connectTimeoutMs < 1 || connectTimeoutMs > maxTimerMs) {
    throw optionError('connectTimeoutMs', `connectTimeoutMs must be a whole number, 1 to ${maxTimerMs}, not ${connectTimeoutMs}`)
  }
  if (options.tls !== undefined) validateTls(options.tls)
}

function validateAuthorizationType(type: string): void {
  if (!headerName.test(type)) throw optionError('authorization', `authorization type ${JSON.stringify(type)} is not a token`)
  if (type.toLowerCase() === 'basic') throw optionError('authorization', 'authorization type "Basic" is what basicAuth is for')
}

function validateHeader(name: string, value: string): void {
  if (!headerName.test(name)) throw optionError('headers', `header name ${JSON.stringify(name)} is not a token`)
  if (reservedHeaders.has(name.toLowerCase())) throw optionError('headers', `header ${JSON.stringify(name)} is reserved`)
  if (!headerValue.test(value)) throw optionError('headers', `header ${JSON.stringify(name)} has a value with control characters`)
}

function validateTls(tls: TlsConfig): void {
  for (const [inPlace, file] of [
    ['ca', 'caFile'],
    ['cert', 'certFile'],
    ['key', 'keyFile'],
  ] as const) {
    if (tls[inPlace] !== undefined && tls[file] !== undefined) throw optionError('tls', `${inPlace} and ${file} exclude each other`)
  }
  const hasCert = tls.cert !== undefined || tls.certFile !== undefined
  const hasKey = tls.key !== undefined || tls.keyFile !== undefined
  if (hasCert !== hasKey) throw optionError('tls', hasCert ? 'a client certificate needs its key' : 'a client key needs its certificate')
  const { minVersion, maxVersion } = tls
  if (minVersion !== undefined && maxVersion !== undefined && minVersion > maxVersion) {
    throw optionError('tls', `minVersion ${minVersion} is above maxVersion ${maxVersion}`)
  }
}

function optionError(option: string, message: string): PromlineError {
  return new PromlineError('options', message, { facts: { option } })
}
