import { closePipelines, type Logger, type Pipeline, toError } from '@promline/core'
import { ClientAnswers, type Console, createConsole } from '@promline/example-console'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { PipelineConfig } from './config/pipeline-config.js'
import { openDataFolder } from './data-folder.js'
import { createPromInstruments } from './prom-instruments.js'
import { untilStopped } from './until-stopped.js'
import { version } from './version.js'
import { logFiles } from './wiring/files.js'
import { type Closable, listenAll } from './wiring/listeners.js'
import { createPipelines, type Pipelines } from './wiring/pipelines.js'

/** What people and orchestrators wait for at a stop. */
const drainDeadlineMs = 5_000
/** For answers under way on the page and the exporter, after the drain; a chart takes milliseconds. */
const listenerDeadlineMs = 100

export interface ProgramOptions {
  readonly config: PipelineConfig
  readonly dataDir: string
  readonly scrapeAtOnce: boolean
  readonly logger: Logger
}

/**
 * Runs everything that the configuration says until the signal aborts, then drains. Resolves with the pipelines, for their accounts. Rejects
 * where it cannot start, with nothing left open.
 */
export async function runProgram(options: ProgramOptions, signal: AbortSignal): Promise<readonly Pipeline[]> {
  const { config, logger } = options
  await openDataFolder(options.dataDir)
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // The page looks at the pipelines, which feed its window; it asks for them only when they are there.
  const answers = new ClientAnswers(createPromInstruments(registry))
  const page = buildConsole(config, { pipelines: () => pipelines, answers })
  const pipelines = createPipelines({ ...options, instruments: answers.instruments, tap: (name) => page.tap(name) })
  const opened: Pipeline[] = []
  let listeners: readonly Closable[] = []
  try {
    // Before anything listens: a folder that another process owns ends the program before it takes a port.
    for (const pipeline of pipelines.all) {
      await pipeline.open()
      opened.push(pipeline)
    }
    if (!signal.aborted) listeners = await listenAll({ config, logger, registry, console: page, pipelines: pipelines.all })
    logFiles(config, options)
    await runPipelines(pipelines.all, { signal, logger })
  } finally {
    // Where all went well they are closed already.
    await closePipelines(opened, { deadlineMs: 0 })
    page.close()
    await Promise.all(listeners.map((listener) => listener.close({ deadlineMs: listenerDeadlineMs })))
  }
  return pipelines.all
}

/** Runs the pipelines until the signal aborts; resolves when they are closed. */
async function runPipelines(
  pipelines: readonly Pipeline[],
  { signal, logger }: { readonly signal: AbortSignal; readonly logger: Logger },
): Promise<void> {
  const running = signal.aborted ? [] : pipelines.map((pipeline) => runOne(pipeline, logger))
  await untilStopped(signal)
  logger.info({}, `stopping: delivering for at most ${drainDeadlineMs / 1_000} s`)
  await closePipelines(pipelines, { deadlineMs: drainDeadlineMs })
  await Promise.all(running)
}

/** They are closed in the order of the flow, all under one deadline, not each by a signal of its own. */
const neverAborted = new AbortController().signal

/** What ends one pipeline leaves the others running. */
async function runOne(pipeline: Pipeline, logger: Logger): Promise<void> {
  try {
    await pipeline.run({ signal: neverAborted })
  } catch (error) {
    logger.error({ pipeline: pipeline.name }, `pipeline ${pipeline.name} stopped: ${toError(error).message}`)
  }
}

function buildConsole(
  config: PipelineConfig,
  { pipelines, answers }: { readonly pipelines: () => Pipelines; readonly answers: ClientAnswers },
): Console {
  const { clusters } = config.console
  return createConsole({
    pipelines: () => pipelines().all,
    targets: () => pipelines().scrapeSource.targets(),
    describeSource: (pipeline) => {
      const { receiver, scrapeSource } = pipelines()
      if (pipeline === 'receive') {
        const problem = receiver?.problem()
        return { text: `receiver on ${config.receiver?.listen ?? ''}`, ...(problem !== undefined && { problem }) }
      }
      const targets = scrapeSource.targets().length
      return { text: targets === 1 ? '1 target' : `${targets} targets` }
    },
    version: `promline ${version}`,
    windowMs: config.console.windowMs,
    windowMaxBytes: config.console.windowMaxBytes,
    refused: () => answers.refused(),
    ...(clusters !== undefined && { clusters }),
  })
}
