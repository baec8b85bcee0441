import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentProcessOptions } from './agent-process.js'

/** The environment variable that names the file of `stall-monitor.ts`. */
export const stallsFile = 'PROMLINE_BENCH_STALLS'
/** How often the monitor looks: what is shorter is no stall, and two hundred looks a second cost the agent next to nothing. */
export const tickMs = 5

/** The event loop stood still. */
export interface Stall {
  /** When it went on: wall clock. */
  readonly endMs: number
  /** How much later than it should have. */
  readonly lateMs: number
  /** Processor time of all threads meanwhile. */
  readonly cpuMs: number
}

/** The longest of some time. */
export interface LongestStall {
  readonly wallMs: number
  /** Of a stall as far as the process was on a processor: without the time that others on the machine took. */
  readonly busyMs: number
}

const monitor = fileURLToPath(new URL('./stall-monitor.js', import.meta.url))

/** What an agent in Node is started with so that it notes its stalls, and what it noted once it has ended. */
export class Stalls {
  readonly options: Required<AgentProcessOptions>
  readonly #folder: string

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'promline-stalls-'))
    this.options = { nodeOptions: ['--import', monitor], environment: { [stallsFile]: join(this.#folder, 'stalls.json') } }
  }

  /** Of those that were at least partly in this time, wall clock. Throws unless the agent has ended. */
  longest(fromMs: number, toMs: number): LongestStall {
    const noted: Stall[] = JSON.parse(readFileSync(join(this.#folder, 'stalls.json'), 'utf8'))
    return longestStall(noted, fromMs, toMs)
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The longest of the stalls that were at least partly in a time; zeros where there was none. */
export function longestStall(stalls: readonly Stall[], fromMs: number, toMs: number): LongestStall {
  const within = stalls.filter(({ endMs, lateMs }) => endMs >= fromMs && endMs - lateMs <= toMs)
  return {
    wallMs: within.reduce((longest, { lateMs }) => Math.max(longest, lateMs), 0),
    busyMs: within.reduce((longest, { lateMs, cpuMs }) => Math.max(longest, Math.min(lateMs, cpuMs)), 0),
  }
}
