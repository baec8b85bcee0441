import { type Logger, silentLogger } from '../model/logger.js'
import type { RelabelConfig } from '../relabel/relabel-config.js'
import type { ScrapeConfig } from '../scrape/scrape-config.js'
import type { ConfigContext } from './config-context.js'
import type { ConfigNode, SectionParsers } from './config-node.js'
import { type GlobalConfig, ignoredGlobalKeys, parseGlobal } from './global-section.js'
import { prometheusKeys } from './prometheus-keys.js'
import { parseRelabelSection } from './relabel-section.js'
import { parseRemoteWrite, type RemoteWriteConfig } from './remote-write-section.js'
import { parseScrapeConfigs } from './scrape-section.js'
import { parseRoot } from './yaml-root.js'

/** What parsers give, by key; a key that the file does not have is absent. */
export type Parsed<P extends SectionParsers> = { readonly [K in keyof P]?: ReturnType<P[K]> }

export interface LoadConfigOptions<S extends SectionParsers = SectionParsers, R extends SectionParsers = SectionParsers> {
  /** Name of the file: it begins every message, and relative paths in the file begin at its folder. It is not read. Default `prometheus.yml`. */
  readonly file?: string
  /** Parsers of top-level sections beyond Prometheus' own; called where the section stands in the file, be it empty. */
  readonly sections?: S
  /** Parsers of keys of `remote_write` entries beyond Prometheus' own, such as `from`; what they give is put beside the entry's fields. */
  readonly remoteWriteKeys?: R
  /** Told of sections that do not concern promline, and of keys that have no effect. Default: silent. */
  readonly logger?: Logger
  /** Variables for `external_labels`. Default: those of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** A configuration file, complete and checked. */
export interface LoadedConfig<S extends SectionParsers = SectionParsers, R extends SectionParsers = SectionParsers> {
  readonly global: GlobalConfig
  readonly scrapeConfigs: readonly ScrapeConfig[]
  readonly remoteWrite: readonly (RemoteWriteConfig & Parsed<R>)[]
  /** Sections (and keys, as `global.query_log_file`) that belong to Prometheus and do not concern promline. */
  readonly ignoredSections: readonly string[]
  readonly sections: Parsed<S>
  /** The whole file, for errors that concern several sections: `throw config.root.at('remote_write').at(0).at('url').error('...')`. */
  readonly root: ConfigNode
}

/** Prometheus' sections about what promline does not do: rules, alerts, queries, its own storage. */
const ignoredSections = ['alerting', 'otlp', 'remote_read', 'rule_files', 'runtime', 'storage', 'tracing']

/**
 * Reads a `prometheus.yml`, with sections of the caller's own beside Prometheus'. An empty text gives the defaults. Throws a ConfigError
 * for whatever cannot be used: `FILE:LINE:COLUMN: PATH: message`. Unknown keys are refused with the nearest known one, keys that
 * Prometheus has and promline does not yet by name. https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function loadConfig<S extends SectionParsers = SectionParsers, R extends SectionParsers = SectionParsers>(
  text: string,
  options?: LoadConfigOptions<S, R>,
): LoadedConfig<S, R>
export function loadConfig(
  text: string,
  given: LoadConfigOptions<SectionParsers, SectionParsers> = {},
): LoadedConfig<SectionParsers, SectionParsers> {
  const options = { file: 'prometheus.yml', ...given }
  const root = parseRoot(text, options.file)
  const sections = options.sections ?? {}
  const ignored = ignoredSections.filter((key) => !Object.hasOwn(sections, key))
  const own = root.fields(
    { global: self, scrape_configs: self, remote_write: self },
    { elsewhere: [...Object.keys(sections), ...ignored], notOffered: prometheusKeys.top },
  )
  const context = createContext(options)
  const globalNode = own.global ?? root.at('global')
  const global = parseGlobal(globalNode, context)
  const config: LoadedConfig<SectionParsers, SectionParsers> = {
    global,
    scrapeConfigs: parseScrapeConfigs(own.scrape_configs ?? root.at('scrape_configs'), global, context),
    remoteWrite: parseRemoteWrite(own.remote_write ?? root.at('remote_write'), {
      externalLabels: global.externalLabels,
      context,
      extraKeys: options.remoteWriteKeys ?? {},
    }),
    ignoredSections: [
      ...ignored.filter((key) => root.has(key)),
      ...ignoredGlobalKeys.filter((key) => globalNode.has(key)).map((key) => `global.${key}`),
    ],
    sections: parseSections(root, sections),
    root,
  }
  logIgnored(config.ignoredSections, options)
  return config
}

/** Reads a YAML list of relabel rules. Throws a ConfigError. */
export function loadRelabelConfigs(text: string, options: { readonly file: string }): readonly RelabelConfig[] {
  return parseRelabelSection(parseRoot(text, options.file))
}

function self(node: ConfigNode): ConfigNode {
  return node
}

function parseSections(root: ConfigNode, parsers: SectionParsers): Readonly<Record<string, unknown>> {
  const present = Object.entries(parsers).filter(([key]) => root.has(key))
  return Object.fromEntries(present.map(([key, parse]) => [key, parse(root.at(key))]))
}

type NamedOptions = LoadConfigOptions & { readonly file: string }

function createContext({ file, logger = silentLogger, environment = process.env }: NamedOptions): ConfigContext {
  return {
    notice: ({ path, line, column }, message) => logger.warn({ file, line, column }, `${file}:${line}:${column}: ${path}: ${message}`),
    environment: (name) => environment[name] ?? '',
  }
}

function logIgnored(sections: readonly string[], { file, logger = silentLogger }: NamedOptions): void {
  if (sections.length > 0) logger.info({ file, sections }, `${file}: does not concern promline and is ignored: ${sections.join(', ')}`)
}
