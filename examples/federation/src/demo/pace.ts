/** How fast the demo runs. */
export interface Pace {
  /** Of every scrape, in the spelling of prometheus.yml. */
  readonly scrapeInterval: string
  /** Of the rules. */
  readonly evaluationInterval: string
  /** Between two runs of each batch job. */
  readonly jobsIntervalMs: number
  /** Between two looks at the market. */
  readonly rateIntervalMs: number
  /** What waits to be sent by remote write waits at most this long. */
  readonly sendDeadline: string
  /** Times in the alert and recording rules are divided by this: see `paceRules`. */
  readonly rulesFaster: number
}

export type PaceName = 'demo' | 'fast'

export const paces: Readonly<Record<PaceName, Pace>> = {
  // For people: something new every few seconds, alerts as they are in production.
  demo: {
    scrapeInterval: '5s',
    evaluationInterval: '5s',
    jobsIntervalMs: 60_000,
    rateIntervalMs: 30_000,
    sendDeadline: '1s',
    rulesFaster: 1,
  },
  // For tests. Ranges of two minutes, the shortest in the rules, become 6 s: enough for six scrapes of 1 s on a machine that is busy.
  fast: {
    scrapeInterval: '1s',
    evaluationInterval: '1s',
    jobsIntervalMs: 5_000,
    rateIntervalMs: 2_000,
    sendDeadline: '200ms',
    rulesFaster: 20,
  },
}
