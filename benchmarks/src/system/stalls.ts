import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentProcessOptions } from './agent-process.js'

/** The environment variable that names the file of `stall-monitor.ts`. */
export const stallsFile = 'PROMLINE_BENCH_STALLS'
/** How often the monitor looks: what is shorter is no stall, and two hundred looks a second cost the agent next to nothing. */
export const tickMs = 5

const monitor = fileURLToPath(new URL('./stall-monitor.js', import.meta.url))

/** What an agent in Node is started with so that it notes its stalls, and what it noted once it has ended. */
export class Stalls {
  readonly options: Required<AgentProcessOptions>
  readonly #folder: string

  /** @param nodeOptions what else Node is started with */
  constructor(nodeOptions: readonly string[] = []) {
    this.#folder = mkdtempSync(join(tmpdir(), 'promline-stalls-'))
    this.options = { nodeOptions: ['--import', monitor, ...nodeOptions], environment: { [stallsFile]: join(this.#folder, 'stalls.json') } }
  }

  /** The longest that ended in this time, wall clock; 0 where there was none. */
  longest(fromMs: number, toMs: number): number {
    const noted: unknown = JSON.parse(readFileSync(join(this.#folder, 'stalls.json'), 'utf8'))
    return longestStall(noted, fromMs, toMs)
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** @param noted what the monitor writes: pairs of when a tick came, and how late it was */
export function longestStall(noted: unknown, fromMs: number, toMs: number): number {
  let longest = 0
  for (const [atMs, lateMs] of Array.isArray(noted) ? noted : []) {
    if (atMs >= fromMs && atMs - lateMs <= toMs) longest = Math.max(longest, lateMs)
  }
  return longest
}
