import { recordResult } from '../record-result.js'
import type { SoakReport } from './run-soak.js'
import { type Slope, slopeOf } from './slope.js'

const bytesPerMegabyte = 1024 * 1024
const msPerMinute = 60_000
/** Of the heap after a full collection. */
const maxSlope = 0.5
/** A run says of a slope what chance leaves of it: it fails where the slope is above the limit 19 times of 20. */
const deviations = 2
/** In its first minutes a process still fills tables and compiles: what is below this in all is no leak yet. */
const maxGrowthMegabytes = 1
/** Connections come and go with the faults; a leak goes on. */
const maxMoreDescriptors = 5

/** What a soak is judged by. */
export interface SoakFigures {
  /** Megabytes a minute, over the second half: at first code is compiled and tables are filled. */
  readonly heap: Slope
  readonly heapMegabytes: number
  /** Medians of the third and of the last quarter. */
  readonly descriptors: readonly [before: number, after: number]
  /** The median sample's p99, the worst sample's p99, and the longest delay of all. */
  readonly delayMs: { readonly p99: number; readonly worstP99: number; readonly longest: number }
  readonly isGood: boolean
}

export function figuresOf({ samples, descriptors, violations, missing }: SoakReport): SoakFigures {
  const late = samples.slice(Math.floor(samples.length / 2))
  const heap = slopeOf(late.map(({ atMs, heapUsedBytes }) => [atMs / msPerMinute, heapUsedBytes / bytesPerMegabyte]))
  const quarter = Math.ceil(descriptors.length / 4)
  const before = medianOf(descriptors.slice(2 * quarter, 3 * quarter))
  const after = medianOf(descriptors.slice(3 * quarter))
  const minutes = late.length < 2 ? 0 : (late.at(-1)!.atMs - late[0]!.atMs) / msPerMinute
  const isGrowing = heap.slope - deviations * heap.error >= Math.max(maxSlope, maxGrowthMegabytes / minutes)
  return {
    heap,
    heapMegabytes: (samples.at(-1)?.heapUsedBytes ?? Number.NaN) / bytesPerMegabyte,
    descriptors: [before, after],
    delayMs: {
      p99: medianOf(samples.map(({ delayP99Ms }) => delayP99Ms)),
      worstP99: Math.max(...samples.map(({ delayP99Ms }) => delayP99Ms)),
      longest: Math.max(...samples.map(({ delayMaxMs }) => delayMaxMs)),
    },
    isGood: !isGrowing && !(after - before > maxMoreDescriptors) && samples.length > 2 && violations.length === 0 && missing === 0,
  }
}

/** The report as a table, a line each. */
export function tableOf(report: SoakReport): string[] {
  const { options, seconds, faults, acknowledged, missing, duplicates } = report
  const { heap, heapMegabytes, descriptors, delayMs } = figuresOf(report)
  const rows: readonly (readonly [name: string, text: string])[] = [
    ['soak', `${seconds.toFixed(0)} s, ${faults} faults, ${options.rate} samples a second offered`],
    ['samples acknowledged', `${acknowledged} (of all targets)`],
    ['lost', `${missing}; ${duplicates} duplicates`],
    ['heap', `${heapMegabytes.toFixed(1)} MB at the end, ${slopeText(heap)}`],
    ['file descriptors', `${descriptors[0]}, then ${descriptors[1]} (medians of the third and the last quarter)`],
    ['event-loop delay', `p99 ${ms(delayMs.p99)}, in the worst interval ${ms(delayMs.worstP99)}, longest ${ms(delayMs.longest)}`],
    ['seed', String(options.seed)],
  ]
  return rows.map(([name, text]) => `${name.padEnd(22)}${text}`)
}

/** Writes the figures down where PROMLINE_RESULTS says. */
export function recordSoak(report: SoakReport): void {
  const { options, faults, acknowledged, missing } = report
  const { heap, descriptors, delayMs, isGood } = figuresOf(report)
  recordResult({
    row: 48,
    name: 'soak: load, and a fault every few seconds',
    figure: `${options.minutes} minutes, ${options.rate} samples a second offered, ${faults} faults: ${missing} of ${acknowledged} samples lost, heap ${slopeText(heap)}, ${descriptors[0]} then ${descriptors[1]} file descriptors, event-loop delay p99 ${ms(delayMs.p99)} (longest ${ms(delayMs.longest)})`,
    must: 'lost 0, heap slope < 0.5 MB a minute, file descriptors flat',
    ok: isGood,
  })
}

function slopeText({ slope, error }: Slope): string {
  return `${slope.toFixed(2)} MB a minute (give or take ${error.toFixed(2)})`
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
