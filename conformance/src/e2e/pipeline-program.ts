import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonAt, jsonListAt, jsonTextsAt, waitFor } from '@promline/servers'
import { Program, type ProgramExit, repository } from './program.js'
import { temporaryFolder } from './scope.js'

export interface PipelineProgramOptions {
  /** The text of the configuration. It should have a console on port 0, unless the page is of no concern. */
  readonly config: string
  /** Default: a folder of its own, gone after the test. */
  readonly dataDir?: string
  /** Of node itself. */
  readonly nodeArgs?: readonly string[]
  /** Default: that of the tests. */
  readonly env?: NodeJS.ProcessEnv
  /** A program, and its arguments, that runs node: strace. Then signals go to both. */
  readonly wrapper?: readonly string[]
}

/** What the page's API says of a sink. */
export interface SinkView {
  readonly state: string
  readonly reason: string
  readonly retries: number
  /** When the next attempt is due, by the wall clock; undefined while none waits. */
  readonly nextAttemptMs: number | undefined
  /** Samples. */
  readonly recovered: number
  readonly in: number
  readonly delivered: number
  readonly spooled: number
  readonly inFlight: number
  readonly balanced: boolean
}

/** A series of the page's window. */
export interface WindowSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly pipeline: string
  readonly points: readonly { readonly timestampMs: number; readonly value: number | null }[]
}

/** `examples/pipeline/dist/main.js`, built, as its users start it. */
export class PipelineProgram {
  readonly program: Program
  readonly dataDir: string
  #pageUrl: string | undefined

  constructor(program: Program, dataDir: string) {
    this.program = program
    this.dataDir = dataDir
  }

  /** Where the page is, from the log. */
  async pageUrl(): Promise<string> {
    this.#pageUrl ??= (await this.program.printed(/page at (\S+),/))[1]!
    return this.#pageUrl
  }

  async get(path: string): Promise<Response> {
    return fetch(`${await this.pageUrl()}${path}`)
  }

  async #json(path: string): Promise<unknown> {
    return (await this.get(path)).json()
  }

  async metrics(): Promise<string> {
    return (await this.get('/metrics')).text()
  }

  async targets(): Promise<readonly Readonly<Record<string, string>>[]> {
    const targets: unknown = await this.#json('/api/targets')
    return jsonListAt({ targets }, 'targets').map((target) => jsonTextsAt(target))
  }

  /** The state and the accounts of `pipeline/sink`; rejects where there is none of that name. */
  async sink(path: string): Promise<SinkView> {
    const [pipeline = '', name = ''] = path.split('/')
    const snapshot = jsonListAt(await this.#json('/api/status'), 'pipelines').find((one) => jsonAt(one, 'status', 'name') === pipeline)
    const status = jsonListAt(snapshot, 'status', 'sinks').find((sink) => jsonAt(sink, 'name') === name)
    if (status === undefined) throw new Error(`there is no sink ${path}`)
    const account = jsonAt(snapshot, 'accounts', 'sinks', name)
    const nextAttemptMs = jsonAt(status, 'nextAttemptMs')
    const samples = (key: string): number => Number(jsonAt(account, key, 'samples'))
    return {
      state: String(jsonAt(status, 'state')),
      reason: jsonTextsAt(status)['reason'] ?? '',
      retries: Number(jsonAt(status, 'retries')),
      nextAttemptMs: typeof nextAttemptMs === 'number' ? nextAttemptMs : undefined,
      recovered: samples('recovered'),
      in: samples('in'),
      delivered: samples('delivered'),
      spooled: samples('spooled'),
      inFlight: samples('inFlight'),
      balanced: jsonAt(account, 'balanced') === true,
    }
  }

  /** What the page would draw for a selector. */
  async window(selector: string): Promise<WindowSeries[]> {
    const answer = await this.#json(`/api/query?match=${encodeURIComponent(selector)}`)
    return jsonListAt(answer, 'series').map((series) => ({
      labels: jsonTextsAt(series, 'labels'),
      pipeline: String(jsonAt(series, 'pipeline')),
      points: jsonListAt(series, 'timestampsMs').map((timestampMs, i) => {
        const value = jsonAt(series, 'values', i)
        return { timestampMs: Number(timestampMs), value: typeof value === 'number' ? value : null }
      }),
    }))
  }

  /** Resolves once a sink has delivered so many samples. */
  async delivered(path: string, samples: number): Promise<SinkView> {
    const hasDelivered = async (): Promise<SinkView | undefined> => {
      if (this.program.isOver) throw new Error(`the program ended:\n${this.program.output()}`)
      const view = await this.sink(path)
      return view.delivered >= samples ? view : undefined
    }
    return waitFor(`${samples} samples delivered to ${path}`, hasDelivered)
  }

  stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<ProgramExit> {
    return this.program.stop(signal)
  }

  kill(): Promise<ProgramExit> {
    return this.program.kill()
  }
}

/** Starts the pipeline program; it need not have come up when this resolves. */
export async function startPipeline({ config, dataDir, nodeArgs = [], env, wrapper }: PipelineProgramOptions): Promise<PipelineProgram> {
  const folder = dataDir ?? (await temporaryFolder())
  const file = join(await temporaryFolder(), 'promline.yml')
  await writeFile(file, config)
  const args = [...nodeArgs, `${repository}examples/pipeline/dist/main.js`, '--config', file, '--data', folder]
  const [program, ...wrapperArgs] = wrapper ?? []
  const command = program === undefined ? { args } : { program, args: [...wrapperArgs, process.execPath, ...args], group: true }
  return new PipelineProgram(new Program({ ...command, ...(env !== undefined && { env }) }), folder)
}

/** Resolves once a sink has nothing left. */
export async function untilDrained(
  pipeline: PipelineProgram,
  path: string,
  options: { readonly timeoutMs?: number } = {},
): Promise<SinkView> {
  const isDrained = async (): Promise<SinkView | false> => {
    const view = await pipeline.sink(path)
    return view.spooled === 0 && view.inFlight === 0 && view
  }
  return waitFor(`empty spool of ${path}`, isDrained, options)
}
