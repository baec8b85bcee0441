import type { SampleColumns } from '../model/batch.js'
import type { MetadataTable } from '../model/metadata.js'
import type { TrackedSeries } from './known-series.js'
import type { Page } from './page.js'
import type { PageOptions } from './page-intake.js'
import { PlainPage } from './plain-page.js'
import type { SeriesMutator } from './series-mutator.js'
import { staleColumns } from './stale-columns.js'
import { TargetCache } from './target-cache.js'
import type { PageOutcome, TargetPages } from './target-pages.js'

/** The pages of a target on the plain path. */
export class PlainPages implements TargetPages {
  readonly #cache: TargetCache
  #page: PlainPage | undefined

  constructor(mutate: SeriesMutator, metadata?: MetadataTable) {
    this.#cache = new TargetCache(mutate, metadata)
  }

  begin(options: PageOptions): Page {
    this.#page = new PlainPage(this.#cache, options)
    return this.#page
  }

  setMutator(mutate: SeriesMutator): void {
    this.#cache.setMutator(mutate)
  }

  goneColumns(timestampMs: number): SampleColumns[] {
    return this.#endOf(this.#cache.gone, timestampMs)
  }

  storedColumns(timestampMs: number): SampleColumns[] {
    return this.#endOf(this.#cache.stored, timestampMs)
  }

  commit(good: boolean): void {
    this.#cache.commit(good && this.#page !== undefined ? this.#page.tracked : [])
  }

  end({ good, empty, read }: PageOutcome): void {
    const page = read ? this.#page : undefined
    this.#cache.endPage({ good, empty, series: page?.series ?? 0, added: page?.intake.seriesAdded ?? 0 })
    this.#page = undefined
  }

  #endOf(tracked: readonly TrackedSeries[], timestampMs: number): SampleColumns[] {
    const lists = this.#cache.cutOnce(tracked.map(({ series }) => series))
    return lists.map(({ list }) => staleColumns(list, timestampMs))
  }
}
