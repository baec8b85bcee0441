import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Task } from './comparison.js'

/** One round of one subject. */
export interface Round {
  readonly samplesPerSecond: number
  readonly bytesPerSecond: number
}

/** Of processor time: V8 is done with what it optimises, and everything ran twice. */
const warmUpMs = 1500
/** A round: some hundred times the resolution of the clock, and short enough that many rounds see the same machine. */
const roundMs = 200

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

/** Runs a task until it is warm. */
export async function warmUp(task: Task): Promise<void> {
  await repeat(task, warmUpMs, 2)
}

/**
 * Runs a task for a round. Time is that of the processor, all threads of the process together: garbage collection counts wherever it
 * runs, and other processes do not.
 */
export async function measureRound(task: Task): Promise<Round> {
  if (typeof collectGarbage === 'function') collectGarbage()
  const { runs, cpuMs } = await repeat(task, roundMs, 1)
  return { samplesPerSecond: (task.samples * runs * 1000) / cpuMs, bytesPerSecond: (task.bytes * runs * 1000) / cpuMs }
}

async function repeat(task: Task, minMs: number, minRuns: number): Promise<{ runs: number; cpuMs: number }> {
  const begin = process.cpuUsage()
  for (let runs = 1; ; runs++) {
    const running = task.run()
    if (running !== undefined) await running
    const { user, system } = process.cpuUsage(begin)
    const cpuMs = (user + system) / 1000
    if (cpuMs >= minMs && runs >= minRuns) return { runs, cpuMs }
  }
}
