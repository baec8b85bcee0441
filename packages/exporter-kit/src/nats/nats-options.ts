import { type Clock, type HttpClientOptions, type Logger, silentLogger, systemClock } from '@promline/core'
import { parseHttpUrl } from '../http-url.js'
import { type NatsCollectors, validateCollectors } from './nats-collectors.js'
import { invalid, oneOf } from './nats-option-error.js'

/** One NATS server. */
export interface NatsTarget {
  /** Of its monitoring endpoints, with the base path where it has one: `http://127.0.0.1:8222`. No user information: see `http`. */
  readonly url: string
  /** The value of the label `server_id`. Default: the URL, as in the real exporter. */
  readonly name?: string
  /** Basic authentication, bearer, TLS. Default: none. */
  readonly http?: HttpClientOptions
}

/** Options of `createNatsCollector`. */
export interface NatsCollectorOptions {
  readonly servers: readonly NatsTarget[]
  /** Before all names, instead of `gnatsd` and `jetstream`. */
  readonly prefix?: string
  readonly collectors?: NatsCollectors
  /**
   * Where the label `server_id` is from: `configured`, the name or URL given here; `id` and `name`, what the server calls itself (the real
   * exporter's `-use_internal_server_id` and `-use_internal_server_name`). Default 'configured'.
   */
  readonly serverId?: 'configured' | 'id' | 'name'
  /** Metadata of streams that become labels `stream_meta_KEY`. Default: none. */
  readonly streamMetaKeys?: readonly string[]
  /** Metadata of consumers that become labels `consumer_meta_KEY`. Default: none. */
  readonly consumerMetaKeys?: readonly string[]
  /**
   * JetStream's totals of the server also as `PREFIX_jetstream_varz_stats_total_streams`, `_total_consumers`, `_total_messages` and
   * `_total_message_bytes`: names that are in use, though the real exporter has none of them. Default false.
   */
  readonly aliases?: boolean
  /** Connections, and accounts, read of a server: page after page, each of 1,024. Default 8,192: in detail they are some 90,000 series. */
  readonly maxItems?: number
  /** From one reading of an endpoint to the next. Default 10,000. */
  readonly intervalMs?: number
  /** For one attempt at an endpoint. Default: nine tenths of the interval, at most 10,000. */
  readonly timeoutMs?: number
  /** Older values are withdrawn. Default: three intervals. */
  readonly maxAgeMs?: number
  /** An answer that is larger is given up. Default 32 MiB. */
  readonly maxBodyBytes?: number
  readonly logger?: Logger
  readonly clock?: Clock
  /** From 0 to 1, exclusive: the readings of the endpoints are spread by it. */
  readonly random?: () => number
}

/** Every option, checked. What the pollers default and check is left to them. */
export interface CompleteNatsOptions {
  readonly servers: readonly Required<NatsTarget>[]
  readonly corePrefix: string
  readonly jetstreamPrefix: string
  readonly collectors: Required<NatsCollectors>
  readonly serverId: 'configured' | 'id' | 'name'
  readonly streamMetaKeys: readonly string[]
  readonly consumerMetaKeys: readonly string[]
  readonly aliases: boolean
  readonly maxItems: number
  readonly maxBodyBytes: number
  readonly polling: {
    readonly intervalMs: number
    readonly timeoutMs?: number
    readonly maxAgeMs?: number
    readonly logger: Logger
    readonly clock: Clock
    readonly random: () => number
  }
}

/** Eight pages of NATS' own size: in detail 90,000 series, which make a page of 23 MB. */
const defaultMaxItems = 8_192
/** Between the 5 s and the 15 s at which exporters are scraped: a value is then seldom older than a scrape. */
const defaultIntervalMs = 10_000
/** 6,000 streams with three consumers each: 1.4 KB a stream and 1.2 KB a consumer, as NATS prints them. */
const defaultMaxBodyBytes = 32 * 1024 * 1024

/** Fills in the defaults. Throws a PromlineError (`options`) that names the option and what it must be. */
export function validateNatsOptions(options: NatsCollectorOptions): CompleteNatsOptions {
  const { prefix, timeoutMs, maxAgeMs } = options
  if (prefix !== undefined && !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(prefix)) {
    throw invalid('prefix', `must be letters, digits and underscores, and begin with no digit, not ${JSON.stringify(prefix)}`)
  }
  return {
    servers: validateServers(options.servers),
    corePrefix: prefix ?? 'gnatsd',
    jetstreamPrefix: prefix ?? 'jetstream',
    collectors: validateCollectors(options.collectors ?? {}),
    serverId: validateServerId(options.serverId ?? 'configured'),
    streamMetaKeys: validateKeys('streamMetaKeys', options.streamMetaKeys ?? []),
    consumerMetaKeys: validateKeys('consumerMetaKeys', options.consumerMetaKeys ?? []),
    aliases: options.aliases ?? false,
    maxItems: validateCount('maxItems', options.maxItems ?? defaultMaxItems),
    maxBodyBytes: validateCount('maxBodyBytes', options.maxBodyBytes ?? defaultMaxBodyBytes),
    polling: {
      intervalMs: options.intervalMs ?? defaultIntervalMs,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(maxAgeMs !== undefined && { maxAgeMs }),
      logger: options.logger ?? silentLogger,
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
    },
  }
}

const serverIds: readonly string[] = ['configured', 'id', 'name']

function validateServerId<T extends string>(serverId: T): T {
  if (serverIds.includes(serverId)) return serverId
  throw invalid('serverId', `must be ${oneOf(serverIds)}, not ${JSON.stringify(serverId)}`)
}

function validateServers(servers: readonly NatsTarget[]): Required<NatsTarget>[] {
  if (!Array.isArray(servers)) throw invalid('servers', `must be a list of { url }, not ${JSON.stringify(servers)}`)
  if (servers.length === 0) throw invalid('servers', 'must name one server at least')
  const names = new Set<string>()
  return servers.map(({ url, name = url, http = {} }, i) => {
    validateUrl(`servers[${i}].url`, url)
    if (typeof name !== 'string') throw invalid(`servers[${i}].name`, `must be a text, not ${JSON.stringify(name)}`)
    if (name === '') throw invalid(`servers[${i}].name`, 'must not be empty')
    if (names.has(name)) throw invalid(`servers[${i}].name`, `is taken: two servers are called ${name}`)
    names.add(name)
    return { url: url.replace(/\/+$/, ''), name, http }
  })
}

function validateUrl(option: string, url: string): void {
  const parsed = parseHttpUrl(url)
  if (parsed === undefined) throw invalid(option, 'must be an http or https URL')
  if (parsed.username !== '' || parsed.password !== '') throw invalid(option, 'must be without user information: give it as http.basicAuth')
  if (/[?#]/.test(url)) throw invalid(option, 'must be without a query and a fragment')
}

function validateKeys(option: string, keys: readonly string[]): readonly string[] {
  const wrong = keys.find((key, i) => !/^[a-zA-Z0-9_]+$/.test(key) || keys.indexOf(key) !== i)
  if (wrong === undefined) return keys
  throw invalid(option, `must be letters, digits and underscores, each key once, not ${JSON.stringify(wrong)}`)
}

function validateCount(option: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(option, `must be a whole number from 1, not ${value}`)
  return value
}
