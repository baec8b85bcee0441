import { isPromlineError, type Logger, type Pipeline } from '@promline/core'
import type { Console } from '@promline/example-console'
import { createExporter, createStreamingServerMetrics } from '@promline/exporter-kit'
import { Registry } from 'prom-client'
import type { ExporterSection } from '../config/own-sections.js'
import type { PipelineConfig } from '../config/pipeline-config.js'
import { serveConsole } from './console-server.js'

/** Something that listens. */
export interface Closable {
  close(options?: { readonly deadlineMs?: number }): Promise<void>
}

export interface ListenersOptions {
  readonly config: PipelineConfig
  readonly logger: Logger
  /** The program's own metrics. */
  readonly registry: Registry
  readonly console: Console
  readonly pipelines: readonly Pipeline[]
}

/** Opens the page and the exporter. A port in use costs what would listen there, and nothing else; it is logged. */
export async function listenAll(options: ListenersOptions): Promise<readonly Closable[]> {
  const { config, logger } = options
  const attempts = [() => openPage(options), ...(config.exporter === undefined ? [] : [openExporterOf(config.exporter, logger)])]
  const results = await Promise.allSettled(attempts.map((open) => open()))
  const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  for (const result of results) {
    if (result.status === 'fulfilled') continue
    if (isPromlineError(result.reason, 'address')) logger.error({}, `${result.reason.message}; the rest goes on without it`)
    else {
      await Promise.all(opened.map((listener) => listener.close({ deadlineMs: 0 })))
      throw result.reason
    }
  }
  return opened
}

async function openPage({ config, logger, registry, console: page, pipelines }: ListenersOptions): Promise<Closable> {
  const notReady = (): string | undefined => pipelines.map((pipeline) => pipeline.status()).find(({ state }) => state !== 'running')?.state
  const listener = await serveConsole({ section: config.console, console: page, registry, notReady, logger })
  logger.info({}, `page at ${listener.url}, metrics at ${listener.url}/metrics`)
  return listener
}

function openExporterOf({ listen, seed }: ExporterSection, logger: Logger): () => Promise<Closable> {
  return async () => {
    const registry = new Registry()
    createStreamingServerMetrics({ registry, seed })
    const listener = await createExporter({ listen, registry, logger })
    logger.info({}, `exporter at ${listener.url}/metrics`)
    return listener
  }
}
