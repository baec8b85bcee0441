import { join } from 'node:path'
import {
  createDiskSpool,
  createFileDeadLetter,
  createHttpListener,
  createPipeline,
  createScrapeSource,
  type FsyncPolicy,
  type HttpListener,
  type LoadedConfig,
  type Logger,
  type Pipeline,
  PromlineError,
  type ScrapeSource,
  silentLogger,
  type TargetStatus,
  type WebConfigSource,
} from '@promline/core'
import { remoteWriteSinkSetups } from '../sink/setups.js'
import { createStatusHandler } from './status-handler.js'
import { createTextInstruments, type TextInstruments } from './text-instruments.js'

/** Draining at the end; people and process managers wait longer than this. */
const defaultDrainMs = 5000

export interface AgentOptions {
  /** What `loadConfig` gave for a stock `prometheus.yml`: its scrape configs and remote writes. */
  readonly config: Pick<LoadedConfig, 'scrapeConfigs' | 'remoteWrite'>
  /** Where the spool and the dead letters are kept; made where it is missing. One process at a time. */
  readonly dataDir: string
  /** Where `/metrics`, `/-/healthy` and `/-/ready` are served: `host:port`. Default: nowhere. */
  readonly listen?: string
  /** TLS, users and headers of these pages: `webConfigFile('web.yml')`. Default: plain HTTP, for everybody. */
  readonly webConfig?: WebConfigSource
  /** How soon the spool is forced to the disk. Default `interval`, every 500 ms: what a crash of the machine can take. */
  readonly fsync?: FsyncPolicy
  /** Sending what is left, at the end, takes at most this; the rest waits in the spool for the next start. Default 5,000. */
  readonly drainMs?: number
  /** Scrape every target at once at the start, instead of spreading the first scrapes over their interval. Default false. */
  readonly scrapeAtOnce?: boolean
  readonly logger?: Logger
}

/** Scrapes targets and sends what they show by remote write, through a spool on disk: what Prometheus calls agent mode. */
export interface Agent {
  /** Runs until the signal aborts, drains, and resolves. Rejects where it cannot start or go on. Called once. */
  run(options: { readonly signal: AbortSignal }): Promise<void>
  /** Stops a run before its signal does; resolves when everything is closed. Safe to call twice. */
  close(): Promise<void>
  /** Its accounts, status and events. */
  readonly pipeline: Pipeline
  /** How every target does. */
  targets(): TargetStatus[]
  /** Where the status pages are: `http://host:port`, `https:` with TLS; undefined where they are not served, or not yet. */
  readonly url: string | undefined
}

/**
 * Puts an agent together; nothing runs yet. Throws a PromlineError: `config` for a configuration without `remote_write`, `options` and
 * `relabel` for one that cannot be used.
 */
export function createAgent(options: AgentOptions): Agent {
  return new ScrapingAgent(options)
}

class ScrapingAgent implements Agent {
  readonly pipeline: Pipeline
  readonly #options: AgentOptions
  readonly #logger: Logger
  readonly #instruments: TextInstruments = createTextInstruments()
  readonly #source: ScrapeSource
  #listener: HttpListener | undefined

  constructor(options: AgentOptions) {
    const { config, dataDir, fsync, scrapeAtOnce } = options
    if (config.remoteWrite.length === 0)
      throw new PromlineError('config', 'the configuration has no remote_write: there is nowhere to send to')
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    const shared = { logger: this.#logger, instruments: this.#instruments }
    this.#source = createScrapeSource({ ...shared, configs: config.scrapeConfigs, ...(scrapeAtOnce !== undefined && { scrapeAtOnce }) })
    this.pipeline = createPipeline({
      ...shared,
      name: 'agent',
      spool: createDiskSpool({ dir: join(dataDir, 'spool'), logger: this.#logger, ...(fsync !== undefined && { fsync }) }),
      sources: [this.#source],
      sinks: remoteWriteSinkSetups(config.remoteWrite, {
        deadLetter: (sink) => createFileDeadLetter({ dir: join(dataDir, 'dead-letter', sink), logger: this.#logger }),
      }),
    })
  }

  get url(): string | undefined {
    return this.#listener?.url
  }

  targets(): TargetStatus[] {
    return this.#source.targets()
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const onAbort = (): void => {
      this.close().catch(() => {}) // the run below rejects with the same error
    }
    await this.#listen()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal.aborted) await this.close()
      // Its own signal: aborting the pipeline's would drain with the pipeline's deadline instead of ours.
      else await this.pipeline.run({ signal: new AbortController().signal })
    } finally {
      signal.removeEventListener('abort', onAbort)
      await this.#listener?.close()
    }
  }

  close(): Promise<void> {
    return this.pipeline.close({ deadlineMs: this.#options.drainMs ?? defaultDrainMs })
  }

  async #listen(): Promise<void> {
    const { listen, webConfig } = this.#options
    if (listen === undefined) return
    this.#listener = await createHttpListener({
      name: 'agent',
      listen,
      logger: this.#logger,
      ...(webConfig !== undefined && { webConfig }),
      handler: createStatusHandler({ metrics: () => this.#instruments.expose(), unready: () => this.#unready() }),
    })
    this.#logger.info({ url: this.#listener.url }, `agent: status pages at ${this.#listener.url}`)
  }

  #unready(): string | undefined {
    const { state, spool } = this.pipeline.status()
    return state === 'running' ? spool.blocked : `the pipeline is ${state}`
  }
}
