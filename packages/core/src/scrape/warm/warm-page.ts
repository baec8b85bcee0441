/**
 * The warm path: predicts that a page is the last one with other numbers, and verifies it.
 *
 * Exploits: a target shows the same lines in the same order, scrape after scrape. What was learned of a line (its series, or that it is
 * dropped) is kept with its bytes, list by list; where a stretch of the body is that of a list, its values are read straight into a
 * column, and neither labels nor lines are looked at. Where it is not, known lines are still taken one by one, and only what is not
 * known where it stands goes to the plain parser, after which prediction goes on behind the line that it turned out to be.
 *
 * Measured: see benchmarks/README.md (`pnpm bench parse`).
 *
 * Kept honest by differential.test.ts: the plain path (page.ts) and this one are driven with the same thousands of pages.
 */
import type { SampleColumns } from '../../model/batch.js'
import { sampleLimitError } from '../page-error.js'
import type { Page } from '../page.js'
import { PageIntake, type PageOptions } from '../page-intake.js'
import { oneOrAll } from '../sample-rows.js'
import type { Tracked } from '../target-cache.js'
import { PageWalk } from './page-walk.js'
import type { Part } from './segment-assembler.js'

export class WarmPage implements Page {
  readonly intake: PageIntake
  readonly #options: PageOptions
  #walk: PageWalk | undefined
  #parts: readonly Part[] = []

  constructor(options: PageOptions) {
    this.intake = new PageIntake(options)
    this.#options = options
  }

  /** Lines that were taken in whole segments, and one by one because they stood where they were expected. */
  get predicted(): { readonly whole: number; readonly single: number } {
    return this.#walk?.predicted ?? { whole: 0, single: 0 }
  }

  get tracked(): readonly Tracked[] {
    return this.#parts.map(({ tracked }) => tracked)
  }

  read(body: Uint8Array): void {
    const { intake } = this
    const { cache, config } = this.#options
    // As an empty page counts for nothing, what is known of the one before it stays.
    if (body.length === 0) return
    this.#walk = new PageWalk(body, { intake, cache })
    this.#parts = this.#walk.run()
    if (intake.isOverLimit) throw sampleLimitError(config.sampleLimit, intake.afterRelabeling)
    const segments = this.#parts.flatMap(({ segment, comparable }) => (comparable ? segment : []))
    cache.lastPage.replace(segments, this.#walk.tail)
  }

  columns(): SampleColumns[] {
    const walk = this.#walk
    if (walk === undefined) return []
    const { values } = walk.column
    const columns: SampleColumns[] = []
    let start = 0
    for (const { segment } of this.#parts) {
      if (segment.list === undefined) continue
      const end = start + segment.rows
      const timestampsMs = walk.column.timestampsOf(start, end)
      const timestampMs = timestampsMs === undefined ? this.#options.timestampMs : oneOrAll(timestampsMs)
      columns.push({ kind: 'samples', series: segment.list, values: values.subarray(start, end), timestampMs })
      start = end
    }
    return [...columns, ...walk.repeated.flatMap((rows) => rows.columns(this.#options.cache.cutOnce(rows.series)))]
  }
}
