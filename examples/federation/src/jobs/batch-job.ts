import type { JobMetrics } from '@promline/exporter-kit'

/** What a run of a job works with. Everything that happens by chance in it, and all of its time, come from here. */
export interface JobRun {
  readonly metrics: JobMetrics
  /** From 0 to 1, exclusive. */
  readonly random: () => number
  /** Passes some time, as work does. Rejects when the run is to end. */
  readonly work: (ms: number) => Promise<void>
  /** Whether the run is to fail, half way. */
  readonly isFailing: boolean
  /** How likely it is, from 0 to 1, that something else goes wrong in the run. */
  readonly failureProbability: number
}

/** A synthetic batch job. */
export interface BatchJob<Name extends string = string> {
  /** Also its label `job`. */
  readonly name: Name
  /** What the names of its metrics begin with. */
  readonly prefix: string
  /** Rejects where it fails; what it has set until then is pushed all the same. */
  run(run: JobRun): Promise<void>
}

/** A whole number from `min` to `max`. */
export function pickCount(random: () => number, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1))
}
