import type { HttpClientOptions } from '../http/client-options.js'
import type { LabelsInput } from '../model/labels.js'
import type { RelabelConfig } from '../relabel/relabel-config.js'

/** Targets that share labels. */
export interface TargetGroup {
  /** host:port each. */
  readonly targets: readonly string[]
  readonly labels?: LabelsInput
}

/** One job's settings, complete: defaults are filled in by `validateScrapeConfig`. Zero limits are off. */
export interface ScrapeConfig {
  readonly jobName: string
  readonly scrapeIntervalMs: number
  readonly scrapeTimeoutMs: number
  readonly metricsPath: string
  readonly scheme: 'http' | 'https'
  readonly params: Readonly<Record<string, readonly string[]>>
  readonly honorLabels: boolean
  readonly honorTimestamps: boolean
  readonly trackTimestampsStaleness: boolean
  readonly enableCompression: boolean
  readonly bodySizeLimitBytes: number
  readonly sampleLimit: number
  readonly targetLimit: number
  readonly labelLimit: number
  readonly labelNameLengthLimit: number
  readonly labelValueLengthLimit: number
  readonly relabelConfigs: readonly RelabelConfig[]
  readonly metricRelabelConfigs: readonly RelabelConfig[]
  readonly staticConfigs: readonly TargetGroup[]
  readonly http: HttpClientOptions
  /** The format taken where the target names none or an unknown one; undefined: that scrape fails, as in Prometheus 3. */
  readonly fallbackScrapeProtocol?: 'text'
}

/** What a user must give; the rest has Prometheus' defaults. */
export type ScrapeConfigInput = Partial<ScrapeConfig> & Pick<ScrapeConfig, 'jobName'>

/** How a target does, for a page and an API. */
export interface TargetStatus {
  readonly jobName: string
  readonly instance: string
  /** Without credentials. */
  readonly url: string
  /** After relabelling, as attached to its series. */
  readonly labels: Record<string, string>
  /** Before relabelling. */
  readonly discoveredLabels: Record<string, string>
  readonly health: 'unknown' | 'up' | 'down'
  /** Wall clock, milliseconds; absent before the first scrape. */
  readonly lastScrapeMs?: number
  readonly lastDurationMs?: number
  readonly lastSamples?: number
  /** In full, with line and column where it is of parsing. */
  readonly lastError?: string
  /**
   * The last body that could not be used, at most 64 KiB of it, and the place of its fault. `firstLine` is the number of the text's first
   * line where that is not 1: a fault far into a long body is shown with what stands before it.
   */
  readonly lastFailedBody?: { readonly text: string; readonly line?: number; readonly column?: number; readonly firstLine?: number }
  readonly scrapeIntervalMs: number
  readonly scrapesSkipped: number
}
