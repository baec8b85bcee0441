import type { SampleColumns } from '../model/batch.js'
import type { Page } from './page.js'
import type { PageOptions } from './page-intake.js'
import type { SeriesMutator } from './series-mutator.js'

/** What became of a page. */
export interface PageOutcome {
  /** Its samples count. */
  readonly good: boolean
  /** It had no bytes, or nothing came. */
  readonly empty: boolean
  /** It was read, to its end or to its fault. What only began to arrive leaves no trace. */
  readonly read: boolean
}

/**
 * The pages of a target, one after the other, and what is remembered from each to the next: series, their lists, and which of them were
 * stored, so that their end must be marked one day.
 */
export interface TargetPages {
  /** Begins a page. */
  begin(options: PageOptions): Page
  /** Other rules from the next page on: every line is relabelled once more, and series that are the same stay the same. */
  setMutator(mutate: SeriesMutator): void
  /** Staleness markers for what is stored and did not count for staleness on this page, which was good. */
  goneColumns(timestampMs: number): SampleColumns[]
  /** Staleness markers for all that is stored. */
  storedColumns(timestampMs: number): SampleColumns[]
  /** What the page came to was stored: its samples where it was good, else staleness markers. */
  commit(good: boolean): void
  /** Ends the page, and lets go of what is no longer needed. An empty page counts as none: it usually is a target that just started. */
  end(outcome: PageOutcome): void
}
