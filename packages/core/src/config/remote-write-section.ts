import { createHash } from 'node:crypto'
import type { BasicAuth, HttpClientOptions } from '../http/client-options.js'
import { Secret } from '../http/secret.js'
import type { Labels } from '../model/labels.js'
import { isSinkName } from '../model/sink-name.js'
import type { RelabelConfig } from '../relabel/relabel-config.js'
import type { ConfigContext } from './config-context.js'
import type { ConfigNode, SectionParsers } from './config-node.js'
import { maxTimerMs } from '../model/duration.js'
import { offersOnlyOff } from './fixed-value.js'
import { checkHeader, httpParsers, toHttpClientOptions } from './http-section.js'
import { type MetadataConfig, parseMetadataConfig } from './metadata-config.js'
import { prometheusKeys } from './prometheus-keys.js'
import { parseQueueConfig, type QueueConfig } from './queue-config.js'
import { parseRelabelSection } from './relabel-section.js'
import { notOfferedYet } from './yaml-node.js'

/** One entry of `remote_write`, complete. */
export interface RemoteWriteConfig {
  /** Without user information: that became `http.basicAuth`. */
  readonly url: string
  /** `[A-Za-z0-9_-]{1,64}`, unique. Not given: `remote-write-` and eight hex digits of the URL's SHA-256, so that reordering keeps it. */
  readonly name: string
  readonly remoteTimeoutMs: number
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  readonly writeRelabelConfigs: readonly RelabelConfig[]
  /** `global.external_labels`: added where absent, before the rules. */
  readonly externalLabels: Labels
  readonly sendExemplars: boolean
  readonly sendNativeHistograms: boolean
  readonly metadataConfig: MetadataConfig
  readonly queueConfig: QueueConfig
  readonly http: HttpClientOptions
}

/** An entry with what the caller's own keys gave. */
type ExtendedConfig = RemoteWriteConfig & Readonly<Record<string, unknown>>

/** What the entries of `remote_write` share. */
export interface RemoteWriteOptions {
  readonly externalLabels: Labels
  readonly context: ConfigContext
  /** Parsers of keys beyond Prometheus' own; what they give is put beside the entry's own fields. */
  readonly extraKeys: SectionParsers
}

/** Prometheus' `remote_timeout`. */
const defaultTimeoutMs = 30_000

/** Reads `remote_write`. */
export function parseRemoteWrite(node: ConfigNode, options: RemoteWriteOptions): readonly ExtendedConfig[] {
  const configs: ExtendedConfig[] = []
  const isTaken = (name: string): boolean => configs.some((other) => other.name === name)
  node.list((item) => {
    const config = parseEntry(item, options)
    const name = isTaken(config.name) ? otherName(item, config.name, isTaken) : config.name
    if (name !== config.name) {
      options.context.notice(item, 'has the URL of another one and no name: reordering them mixes up what each has sent, name them')
    }
    configs.push({ ...config, name })
  })
  return configs
}

/** Entries for one URL may differ in headers or rules: without names the second is `...-2`. */
function otherName(node: ConfigNode, name: string, isTaken: (name: string) => boolean): string {
  if (!node.at('name').isEmpty) throw node.at('name').error(`${JSON.stringify(name)} is the name of another remote_write`)
  let free = name
  for (let i = 2; isTaken(free); i++) free = `${name}-${i}`
  return free
}

function parseEntry(node: ConfigNode, options: RemoteWriteOptions): ExtendedConfig {
  const { context, externalLabels, extraKeys } = options
  const given = node.fields(
    {
      ...httpParsers,
      url: (field) => field.url(),
      name: parseName,
      remote_timeout: (field) => field.durationMs({ min: 1, max: maxTimerMs }),
      headers: parseHeaders,
      write_relabel_configs: parseRelabelSection,
      send_exemplars: (field) => field.boolean(),
      send_native_histograms: (field) => field.boolean(),
      round_robin_dns: offersOnlyOff,
      protobuf_message: parseProtobufMessage,
      queue_config: (field) => parseQueueConfig(field, context),
      metadata_config: parseMetadataConfig,
    },
    { required: ['url'], notOffered: prometheusKeys.remoteWrite, elsewhere: Object.keys(extraKeys) },
  )
  if (given.follow_redirects === true)
    context.notice(node.at('follow_redirects'), 'has no effect: a request with a body is not sent elsewhere')
  const http = toHttpClientOptions(node, given, context)
  const { url, user } = splitUser(given.url)
  const hasCredentials = http.basicAuth !== undefined || http.authorization !== undefined
  return {
    ...readExtraKeys(node, extraKeys),
    url,
    name: given.name ?? nameOf(url),
    remoteTimeoutMs: given.remote_timeout ?? defaultTimeoutMs,
    headers: given.headers ?? {},
    writeRelabelConfigs: given.write_relabel_configs ?? [],
    externalLabels,
    sendExemplars: given.send_exemplars ?? false,
    sendNativeHistograms: given.send_native_histograms ?? false,
    metadataConfig: given.metadata_config ?? parseMetadataConfig(node.at('metadata_config')),
    queueConfig: given.queue_config ?? parseQueueConfig(node.at('queue_config'), context),
    http: user === undefined || hasCredentials ? http : { ...http, basicAuth: user },
  }
}

function readExtraKeys(node: ConfigNode, parsers: SectionParsers): Readonly<Record<string, unknown>> {
  const given = Object.entries(parsers).filter(([key]) => !node.at(key).isEmpty)
  return Object.fromEntries(given.map(([key, parse]) => [key, parse(node.at(key))]))
}

function parseName(node: ConfigNode): string {
  const name = node.string()
  if (!isSinkName(name)) throw node.error(`${JSON.stringify(name)} is not 1 to 64 letters, digits, "-" and "_"`)
  return name
}

function parseHeaders(node: ConfigNode): Readonly<Record<string, string>> {
  const entries = node.entries((header) => ({ header, value: header.string() }))
  return Object.fromEntries(entries.map(([name, { header, value }]) => [name, checkHeader(header, name, value)]))
}

function parseProtobufMessage(node: ConfigNode): void {
  if (node.choice(['prometheus.WriteRequest', 'io.prometheus.write.v2.Request']) !== 'prometheus.WriteRequest')
    throw node.error(notOfferedYet)
}

/** User and password in a URL become credentials: URLs are printed. */
export function splitUser(text: string): { url: string; user?: BasicAuth } {
  const url = new URL(text)
  if (url.username === '' && url.password === '') return { url: text }
  const user = { username: decodeURIComponent(url.username), password: { value: new Secret(decodeURIComponent(url.password)) } }
  url.username = ''
  url.password = ''
  return { url: url.href, user }
}

/** Eight hex digits tell the few URLs of a file apart. */
function nameOf(url: string): string {
  return `remote-write-${createHash('sha256').update(url).digest('hex').slice(0, 8)}`
}
