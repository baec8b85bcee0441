// Loaded into a program by `node --expose-gc --import`: notes what it keeps on its heap, and how late its timers are.
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type ProbeSample, probeFileVariable, probeIntervalVariable } from './probe-sample.js'

/** The histogram holds the time between two ticks of a timer: what is more than this is delay. */
const resolutionMs = 10
const nanosecondsPerMs = 1e6

const file = process.env[probeFileVariable]
const intervalMs = Number(process.env[probeIntervalVariable])
const { gc } = globalThis
if (file === undefined || gc === undefined || !(intervalMs > 0))
  throw new Error(`the probe needs --expose-gc, ${probeFileVariable} and ${probeIntervalVariable}`)

const delays = monitorEventLoopDelay({ resolution: resolutionMs })
delays.enable()
// Unreferenced: the program ends when it would end without.
setInterval(() => sample(file, gc), intervalMs).unref()

function sample(to: string, collect: NodeJS.GCFunction): void {
  const delayP99Ms = lateMs(delays.percentile(99))
  const delayMaxMs = lateMs(delays.max)
  // The collection stops the world: that is the probe's doing, and no delay of the program.
  delays.disable()
  collect()
  const { heapUsed: heapUsedBytes, rss: rssBytes } = process.memoryUsage()
  const seen: ProbeSample = { atMs: performance.now(), heapUsedBytes, rssBytes, delayP99Ms, delayMaxMs }
  appendFileSync(to, `${JSON.stringify(seen)}\n`)
  delays.reset()
  delays.enable()
}

function lateMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / nanosecondsPerMs - resolutionMs)
}
