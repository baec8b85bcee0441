import { createHash } from 'node:crypto'
import {
  type Clock,
  type HttpClientOptions,
  type MetadataConfig,
  PromlineError,
  redactUrl,
  type Secret,
  systemClock,
  userAgent,
  validateHttpClientOptions,
} from '@promline/core'
import { type SnappyCodec, snappyCodec } from '../snappy/snappy-codec.js'

/** As Prometheus' remote_timeout. */
const defaultTimeoutMs = 30_000
/** Prometheus and VictoriaMetrics take bodies of 32 MiB; what a proxy before them does not take is answered with 413, and halved. */
const defaultMaxBodyBytes = 32 * 1024 * 1024
/** One to two million series: a template takes 30 (short labels) to 60 bytes (kube-state-metrics) a series. */
const defaultMaxTemplateBytes = 64 * 1024 * 1024
/** As Prometheus' metadata_config. */
const defaultMetadata: MetadataConfig = { send: true, sendIntervalMs: 60_000, maxSamplesPerSend: 2000 }

export interface RemoteWriteSinkOptions {
  /** The sink's name, also of its cursor: `[A-Za-z0-9_-]{1,64}`. Default `remote-write-<8 hex digits of the URL's hash>`. */
  readonly name?: string
  /** Where requests go: `http://host:9090/api/v1/write`. */
  readonly url: string
  /** Credentials, TLS, redirects, headers. */
  readonly http?: HttpClientOptions
  /** Sent with every request, beside those of `http`; those that the protocol owns are refused. */
  readonly headers?: Readonly<Record<string, string | Secret>>
  /** One attempt is given up after this. Default 30,000 (Prometheus: remote_timeout). */
  readonly timeoutMs?: number
  /** Largest request, compressed; a larger one is halved before it is sent. Default 32 MiB. */
  readonly maxBodyBytes?: number
  /**
   * Type, help and unit of families: whether they are sent, how long after the last time, how many with one request. They ride with the
   * samples. Default: true, 60,000 ms, 2,000 (Prometheus: metadata_config).
   */
  readonly metadata?: Partial<MetadataConfig>
  /**
   * Whether a request that is answered with 400 is divided until the samples concerned are found. Default false: the specification forbids
   * sending any of it again, and the request goes to the dead letter.
   */
  readonly bisectOn400?: boolean
  /**
   * Whether what was encoded of a list of series is kept, so that a later request only fills in its numbers. Default true. False: every
   * request is made by the plain encoder, at many times the cost.
   */
  readonly templates?: boolean
  /** Memory for what is kept of lists. Default 64 MiB; 0 keeps nothing. */
  readonly maxTemplateBytes?: number
  /** Whether what comes for the first time is compressed by WebAssembly, where it can be had. Default true. */
  readonly webAssembly?: boolean
  /** Default `promline/<version>`. */
  readonly userAgent?: string
  /** Default: one in JavaScript. */
  readonly snappy?: SnappyCodec
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** Complete and checked options. */
export interface RemoteWriteSinkConfig extends Required<Omit<RemoteWriteSinkOptions, 'headers' | 'metadata'>> {
  readonly metadata: MetadataConfig
  readonly http: HttpClientOptions
}

/** Completes the options. Throws a PromlineError (`options`) that names the option. */
export function validateRemoteWriteSinkOptions(options: RemoteWriteSinkOptions): RemoteWriteSinkConfig {
  assertUrl(options.url)
  const config: RemoteWriteSinkConfig = {
    name: options.name ?? defaultSinkName(options.url),
    url: options.url,
    http: { ...options.http, headers: { ...options.http?.headers, ...options.headers } },
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    metadata: { ...defaultMetadata, ...options.metadata },
    bisectOn400: options.bisectOn400 ?? false,
    templates: options.templates ?? true,
    maxTemplateBytes: options.maxTemplateBytes ?? defaultMaxTemplateBytes,
    webAssembly: options.webAssembly ?? true,
    userAgent: options.userAgent ?? userAgent,
    snappy: options.snappy ?? snappyCodec,
    clock: options.clock ?? systemClock,
  }
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(config.name)) throw optionError('name', `${JSON.stringify(config.name)} must match [A-Za-z0-9_-]{1,64}`)
  assertInteger('timeoutMs', config.timeoutMs)
  assertInteger('maxBodyBytes', config.maxBodyBytes)
  assertInteger('metadata.sendIntervalMs', config.metadata.sendIntervalMs)
  assertInteger('metadata.maxSamplesPerSend', config.metadata.maxSamplesPerSend)
  assertInteger('maxTemplateBytes', config.maxTemplateBytes, 0)
  validateHttpClientOptions(config.http)
  return config
}

/** The name of a sink that was given none: it depends on the URL alone, so that reordering a configuration keeps the cursors. */
export function defaultSinkName(url: string): string {
  return `remote-write-${createHash('sha256').update(url, 'utf8').digest('hex').slice(0, 8)}`
}

function assertUrl(url: string): void {
  const protocol = typeof url === 'string' && URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol !== 'http:' && protocol !== 'https:') throw optionError('url', `${redactUrl(url)} must be an http or https URL`)
}

function assertInteger(option: string, value: number, min = 1): void {
  if (!Number.isSafeInteger(value) || value < min) throw optionError(option, `${value} must be an integer of at least ${min}`)
}

function optionError(option: string, message: string): PromlineError {
  return new PromlineError('options', `remote-write sink: ${option}: ${message}`, { facts: { option } })
}
