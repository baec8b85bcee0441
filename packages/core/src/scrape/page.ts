import type { SampleColumns } from '../model/batch.js'
import type { FailedBody, FaultPlace } from './failed-body.js'
import type { PageIntake } from './page-intake.js'

/** What a scrape found: counted as Prometheus counts, and gathered into columns. */
export interface Page {
  /** The counts. */
  readonly intake: PageIntake
  /**
   * Takes the next piece of the body; its memory is lent until the call returns or its promise settles. Throws or rejects with a
   * PromlineError whose facts `line` and `column` are the place, where there is one: `parse`, or `limit` for a limit of labels or samples.
   * What was gathered is void then, but the counts stand. What is written after that only serves `failedBody`, and does not fail.
   */
  write(piece: Uint8Array): void | Promise<void>
  /** The body is complete. Fails as `write` does; not called after it failed. */
  end(): Promise<void>
  /** What is to be kept of the body after a failure at a place. */
  failedBody(place: FaultPlace): FailedBody
  /** The samples of the page. */
  columns(): SampleColumns[]
}
