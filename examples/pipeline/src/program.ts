import { mkdir } from 'node:fs/promises'
import { closePipelines, isPromlineError, type Logger, type Pipeline, toError } from '@promline/core'
import { type Console, createConsole } from '@promline/example-console'
import { createExporter, createStreamingServerMetrics } from '@promline/exporter-kit'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { PipelineConfig } from './config/pipeline-config.js'
import { createPromInstruments } from './prom-instruments.js'
import { version } from './version.js'
import { serveConsole } from './wiring/console-server.js'
import { createPipelines, type Pipelines } from './wiring/pipelines.js'

/** What people and orchestrators wait for at a stop. */
const drainDeadlineMs = 5_000

export interface ProgramOptions {
  readonly config: PipelineConfig
  readonly dataDir: string
  readonly scrapeAtOnce: boolean
  readonly logger: Logger
}

/** Something that listens, or would if its port were free. */
interface Closable {
  close(options?: { readonly deadlineMs?: number }): Promise<void>
}

/** Runs everything that the configuration says until the signal aborts, then drains. Resolves with the pipelines, for their accounts. */
export async function runProgram(options: ProgramOptions, signal: AbortSignal): Promise<readonly Pipeline[]> {
  const { config, logger } = options
  await mkdir(options.dataDir, { recursive: true })
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const page: { console?: Console } = {}
  const pipelines = createPipelines({
    ...options,
    instruments: createPromInstruments(registry),
    tap: (name) => (batch) => page.console?.tap(name)(batch),
  })
  page.console = buildConsole(config, pipelines)
  // Opened first: a folder that another process owns ends the program before it takes a port.
  await openAll(pipelines.all)
  const listeners = await listenAll(options, { registry, pipelines, console: page.console })
  const running = pipelines.all.map((pipeline) =>
    pipeline.run({ signal: neverAborted }).catch((error: unknown) => logFailure(pipeline, error, logger)),
  )
  await untilAborted(signal)
  logger.info({}, `stopping: delivering for at most ${drainDeadlineMs / 1_000} s`)
  await closePipelines(pipelines.all, { deadlineMs: drainDeadlineMs })
  await Promise.all(running)
  page.console.close()
  await Promise.all(listeners.map((listener) => listener.close({ deadlineMs: 100 })))
  return pipelines.all
}

/** Pipelines are closed in the order of the flow, all under one deadline, not each by a signal of its own. */
const neverAborted = new AbortController().signal

async function openAll(pipelines: readonly Pipeline[]): Promise<void> {
  try {
    for (const pipeline of pipelines) await pipeline.open()
  } catch (error) {
    await closePipelines(pipelines, { deadlineMs: 0 })
    throw error
  }
}

function buildConsole(config: PipelineConfig, { all, scrapeSource }: Pipelines): Console {
  return createConsole({
    pipelines: () => all,
    targets: () => scrapeSource.targets(),
    describeSource: (pipeline) => {
      if (pipeline === 'receive') return `receiver on ${config.receiver?.listen ?? ''}`
      const targets = scrapeSource.targets().length
      return targets === 1 ? '1 target' : `${targets} targets`
    },
    version: `promline ${version}`,
    windowMs: config.console.windowMs,
    windowMaxBytes: config.console.windowMaxBytes,
  })
}

async function listenAll(
  options: ProgramOptions,
  parts: { registry: Registry; pipelines: Pipelines; console: Console },
): Promise<Closable[]> {
  const { config, logger } = options
  const notReady = (): string | undefined =>
    parts.pipelines.all.map((pipeline) => pipeline.status()).find(({ state }) => state !== 'running')?.state
  const attempts = [
    tryToListen(logger, async () => {
      const listener = await serveConsole({ section: config.console, console: parts.console, registry: parts.registry, notReady, logger })
      logger.info({}, `page at ${listener.url}, metrics at ${listener.url}/metrics`)
      return listener
    }),
  ]
  const { exporter } = config
  if (exporter !== undefined) {
    attempts.push(
      tryToListen(logger, async () => {
        const registry = new Registry()
        createStreamingServerMetrics({ registry, seed: exporter.seed })
        const listener = await createExporter({ listen: exporter.listen, registry, logger })
        logger.info({}, `exporter at ${listener.url}/metrics`)
        return listener
      }),
    )
  }
  return (await Promise.all(attempts)).flat()
}

/** A port in use costs what would listen there, and nothing else. */
async function tryToListen(logger: Logger, listen: () => Promise<Closable>): Promise<Closable[]> {
  try {
    return [await listen()]
  } catch (error) {
    if (!isPromlineError(error, 'address')) throw error
    logger.error({}, `${error.message}; the rest goes on without it`)
    return []
  }
}

function logFailure(pipeline: Pipeline, error: unknown, logger: Logger): void {
  logger.error({ pipeline: pipeline.name }, `pipeline ${pipeline.name} stopped: ${toError(error).message}`)
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
