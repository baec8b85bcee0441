import { join } from 'node:path'
import {
  type Batch,
  createDiskSpool,
  createMemorySpool,
  createPipeline,
  createScrapeSource,
  type Instruments,
  type Logger,
  type Pipeline,
  type ScrapeSource,
  type Source,
} from '@promline/core'
import { createRemoteWriteSource } from '@promline/remote-write'
import { type PipelineConfig, type PipelineName, sinksOf } from '../config/pipeline-config.js'
import { type EnduringSource, enduringSource } from './enduring-source.js'
import { createSinks } from './sinks.js'

export interface PipelinesOptions {
  readonly config: PipelineConfig
  readonly dataDir: string
  /** The embedded configuration shows something at once. */
  readonly scrapeAtOnce: boolean
  readonly logger: Logger
  readonly instruments: Instruments
  readonly tap: (pipeline: PipelineName) => (batch: Batch) => void
}

export interface Pipelines {
  /** In the order of the flow: what comes first may feed what comes later. */
  readonly all: readonly Pipeline[]
  readonly scrapeSource: ScrapeSource
  /** Absent where the configuration has none. */
  readonly receiver?: EnduringSource
}

/** The pipelines `scrape` and `receive`, each where the configuration has something for it to do. */
export function createPipelines(options: PipelinesOptions): Pipelines {
  const { config, logger, instruments } = options
  const scrapeSource = createScrapeSource({ configs: config.scrapeConfigs, scrapeAtOnce: options.scrapeAtOnce, logger, instruments })
  const receiver = createReceiver(options)
  const scrapes = config.scrapeConfigs.length > 0 || sinksOf(config).some(({ from }) => from === 'scrape')
  const all = [
    ...(scrapes ? [build('scrape', options, scrapeSource)] : []),
    ...(receiver === undefined ? [] : [build('receive', options, receiver)]),
  ]
  return { all, scrapeSource, ...(receiver !== undefined && { receiver }) }
}

function createReceiver({ config, logger, instruments }: PipelinesOptions): EnduringSource | undefined {
  if (config.receiver === undefined) return undefined
  const source = createRemoteWriteSource({ name: 'remote_write_receiver', ...config.receiver, logger, instruments })
  const tell = (url: string): void => logger.info({}, `receiver at ${url}`)
  source.listening.then(tell, () => {}) // where it cannot listen, its run says so
  return enduringSource(source, logger)
}

function build(name: PipelineName, options: PipelinesOptions, source: Source): Pipeline {
  const { config, dataDir, logger, instruments } = options
  const { maxAgeMs, ...spool } = config.spool
  const sinks = createSinks(name, options)
  // Where the page alone looks on, nobody comes for what would be kept.
  const isKept = sinks.length > 0
  return createPipeline({
    name,
    spool: isKept
      ? createDiskSpool({ dir: join(dataDir, 'spool', name), ...spool, ...(maxAgeMs > 0 && { maxAgeMs }), logger })
      : createMemorySpool(),
    sources: [source],
    sinks,
    tap: options.tap(name),
    logger,
    instruments,
  })
}
