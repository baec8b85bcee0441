/** How fast the demo runs. */
export interface Pace {
  /** Of every scrape, in the spelling of prometheus.yml. */
  readonly scrapeInterval: string
  /** Of the rules. */
  readonly evaluationInterval: string
  /** Between two looks of a NATS exporter at its server. */
  readonly natsIntervalMs: number
  /** Between two runs of each batch job. */
  readonly jobsIntervalMs: number
  /** How likely a run of a job is to fail of itself. */
  readonly jobFailureProbability: number
  /** Between two looks at the market. */
  readonly rateIntervalMs: number
  /** What waits to be sent by remote write waits at most this long. */
  readonly sendDeadline: string
  /** Alertmanager waits this long for more alerts of a new group, and for further ones of a group that it has told of. */
  readonly alertGroupWait: string
  readonly alertGroupInterval: string
  /** Times in the alert and recording rules are divided by this: see `paceRules`. */
  readonly rulesFaster: number
}

export type PaceName = 'demo' | 'fast'

export const paces: Readonly<Record<PaceName, Pace>> = {
  // For people: something new every few seconds, alerts as they are in production.
  demo: {
    scrapeInterval: '5s',
    evaluationInterval: '5s',
    natsIntervalMs: 5_000,
    jobsIntervalMs: 60_000,
    // About one failure an hour, of 180 runs, and one broken source in three hours.
    jobFailureProbability: 0.005,
    rateIntervalMs: 30_000,
    sendDeadline: '1s',
    alertGroupWait: '5s',
    alertGroupInterval: '30s',
    rulesFaster: 1,
  },
  // For tests. Ranges of two minutes, the shortest in the rules, become 6 s: enough for six scrapes of 1 s on a machine that is busy.
  fast: {
    scrapeInterval: '1s',
    evaluationInterval: '1s',
    natsIntervalMs: 1_000,
    jobsIntervalMs: 5_000,
    // What fails in a test is what the test lets fail.
    jobFailureProbability: 0,
    rateIntervalMs: 2_000,
    sendDeadline: '200ms',
    alertGroupWait: '1s',
    alertGroupInterval: '2s',
    rulesFaster: 20,
  },
}
