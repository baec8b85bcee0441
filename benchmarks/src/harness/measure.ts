import type { Task } from './comparison.js'

/** One round of one subject. */
export interface Round {
  readonly samplesPerSecond: number
  readonly bytesPerSecond: number
}

/** Of processor time, like the others: V8 is done with what it optimises. */
const warmUpMs = 2000
/** Some fifty times the resolution of the clock, and short enough that many rounds see the same machine. */
const roundMs = 300
/** Reading the clock takes as long as a small page: it is read once in this time. */
const clockMs = 5
const minWarmRuns = 8

/**
 * Runs a task round by round. Time is that of the processor, all threads of the process together: garbage collection counts wherever it
 * runs, and other processes do not. Nothing is collected before a round: a full collection takes hidden classes away that optimised code
 * depends on, and the round would measure how that is made again.
 */
export class Stopwatch {
  readonly #task: Task
  /** Runs between two looks at the clock. */
  #batch = 1

  constructor(task: Task) {
    this.#task = task
  }

  async warmUp(): Promise<void> {
    const { runs, cpuMs } = await this.#repeat(warmUpMs, minWarmRuns)
    this.#batch = Math.max(1, Math.floor((runs * clockMs) / cpuMs))
  }

  async round(): Promise<Round> {
    const { runs, cpuMs } = await this.#repeat(roundMs, 1)
    const { samples, bytes } = this.#task
    return { samplesPerSecond: (samples * runs * 1000) / cpuMs, bytesPerSecond: (bytes * runs * 1000) / cpuMs }
  }

  async #repeat(minMs: number, minRuns: number): Promise<{ runs: number; cpuMs: number }> {
    const begin = process.cpuUsage()
    for (let runs = this.#batch; ; runs += this.#batch) {
      for (let i = 0; i < this.#batch; i++) {
        const running = this.#task.run()
        if (running !== undefined) await running
      }
      const { user, system } = process.cpuUsage(begin)
      const cpuMs = (user + system) / 1000
      if (cpuMs >= minMs && runs >= minRuns) return { runs, cpuMs }
    }
  }
}
