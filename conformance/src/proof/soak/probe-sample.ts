/** What the probe saw of the process that it is loaded into; a line of JSON each. */
export interface ProbeSample {
  /** Monotonic, since the process began. */
  readonly atMs: number
  /** After a full collection. */
  readonly heapUsedBytes: number
  readonly rssBytes: number
  /** How late timers came since the sample before. */
  readonly delayP99Ms: number
  readonly delayMaxMs: number
}

/** Names the file that the probe appends to, and how often it does. */
export const probeFileVariable = 'PROMLINE_PROBE_FILE'
export const probeIntervalVariable = 'PROMLINE_PROBE_INTERVAL_MS'
