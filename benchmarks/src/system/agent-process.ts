import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Agent, Work } from './agents.js'
import { type ProcessFigures, processFigures } from './process-figures.js'

const stopMs = 20_000
/** Of an agent's log, for the message that says how it ended. */
const maxLogLength = 4000
const pollMs = 20

/** Not to outlive the benchmark, however that ends. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface AgentProcessOptions {
  /** Options of Node, for an agent that runs in it. */
  readonly nodeOptions?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** An agent that runs, with a folder of its own. */
export class AgentProcess {
  /** When it was started: wall clock. */
  readonly startMs: number
  readonly #agent: Agent
  readonly #child: ChildProcess
  readonly #folder: string
  #log = ''

  private constructor(agent: Agent, child: ChildProcess, folder: string) {
    this.startMs = Date.now()
    this.#agent = agent
    this.#child = child
    this.#folder = folder
    running.add(child)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-maxLogLength)
    })
    child.on('exit', () => running.delete(child))
  }

  static async start(agent: Agent, work: Work, options: AgentProcessOptions = {}): Promise<AgentProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'promline-bench-'))
    const place = { config: join(folder, 'config.json'), data: join(folder, 'data') }
    mkdirSync(place.data)
    writeFileSync(place.config, agent.configure(work))
    const [program, ...args] = await agent.command(work, place)
    const child = spawn(program, [...(options.nodeOptions ?? []), ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...options.environment },
    })
    const started = new AgentProcess(agent, child, folder)
    await once(child, 'spawn')
    return started
  }

  /** What failed while it ran, with the end of what it has said. */
  failure(cause: unknown): Error {
    return new Error(`${this.#agent.name} failed; the end of its log:\n${this.#log}`, { cause })
  }

  /** What it has used so far. Throws where it has ended. */
  figures(): ProcessFigures {
    if (this.#child.pid === undefined || this.#hasEnded) throw this.#ended()
    return processFigures(this.#child.pid)
  }

  /** Resolves once it is true; rejects where the agent ends before, or it takes longer than `maxMs`. */
  async until(isDone: () => boolean, maxMs: number): Promise<void> {
    const deadline = performance.now() + maxMs
    while (!isDone()) {
      if (this.#hasEnded) throw this.#ended()
      if (performance.now() > deadline) throw new Error(`not done within ${maxMs / 1000} s`)
      await sleep(pollMs)
    }
  }

  /** Asks it to end. Rejects where it takes too long. */
  async stop(): Promise<void> {
    if (this.#hasEnded) throw this.#ended()
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const isLate = await Promise.race([exited.then(() => false), sleep(stopMs, true, { ref: false })])
    if (isLate) throw new Error(`the agent did not stop within ${stopMs / 1000} s`)
  }

  /** Ends it, if it still runs, and removes its folder. */
  dispose(): void {
    this.#child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #ended(): Error {
    const how = this.#child.signalCode ?? `status ${this.#child.exitCode}`
    return new Error(`${this.#agent.name} ended (${how})`)
  }
}
