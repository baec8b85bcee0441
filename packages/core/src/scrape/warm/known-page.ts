import { equalBytes } from '../../model/bytes.js'
import type { PackedSeriesList } from '../../model/packed-series-list.js'
import type { KnownSegment } from './known-segment.js'
import { LineIndex } from './line-index.js'
import { RecentLists } from './recent-lists.js'
import { SeriesIndex } from './series-index.js'
import type { SharedParts } from './shared-parts.js'

const noBytes = new Uint8Array(0)

/** Lines that are added to the index of lines at once: some 2 ms. */
const maxIndexedAtOnce = 20_000

/** The last page of a target that was good, as it stood: what the next one is expected to be. */
export class KnownPage {
  readonly series: SeriesIndex = new SeriesIndex()
  /** Of this and other targets. */
  readonly parts: SharedParts
  readonly #lists = new RecentLists()
  #segments: readonly KnownSegment[] = []
  #tail: Uint8Array = noBytes
  /** Made when a page first comes otherwise than expected: most targets never need it. */
  #lines: LineIndex | undefined
  #indexed = 0
  /** Segments of pages that failed since, with series that only they have shown. */
  #failed: { readonly segment: KnownSegment; readonly page: number }[] = []

  constructor(parts: SharedParts) {
    this.parts = parts
  }

  /** In page order. */
  get segments(): readonly KnownSegment[] {
    return this.#segments
  }

  /** What stood behind the last sample. */
  get tail(): Uint8Array {
    return this.#tail
  }

  /** The index of the lines; undefined while there is more to do, so that others get their turn. */
  indexedLines(): LineIndex | undefined {
    this.#lines ??= new LineIndex()
    for (let lines = 0; this.#indexed < this.#segments.length; this.#indexed++) {
      if (lines > maxIndexedAtOnce) return undefined
      const segment = this.#segments[this.#indexed]!
      this.#lines.add(segment)
      lines += segment.count
    }
    return this.#lines
  }

  /** The list that is known already for one that is equal. */
  intern(list: PackedSeriesList, hashes: Int32Array, page: number): PackedSeriesList {
    return this.#lists.intern(list, hashes, page)
  }

  /**
   * Another page takes its place, which was good. Segments that are on both stay as they are.
   *
   * @param tail the comments behind the last line
   * @param page its number
   */
  replace(segments: readonly KnownSegment[], tail: Uint8Array, page: number): void {
    if (!equalBytes(this.#tail, tail)) this.#tail = tail.slice()
    if (!areSame(segments, this.#segments)) this.#exchange(segments)
    this.forgetFailed(Number.POSITIVE_INFINITY)
    this.#lists.sweep(page, segments)
  }

  /** The rules are others: lines must be parsed once more, but the series are those that were there. */
  forgetLines(): void {
    for (const segment of this.#segments) segment.comparable = false
    this.#dropIndex()
  }

  /** A page failed that showed these segments: series that no other page has shown are remembered. */
  remember(segments: readonly KnownSegment[], page: number): void {
    for (const segment of segments) {
      if (segment.entered === 0 || segment.index >= 0) continue
      segment.carried = []
      this.#failed.push({ segment, page })
    }
    // A target may never be good, and show others each time.
    this.#lists.sweep(page, this.#segments)
  }

  /** A page did not come to its end: what only these segments of it show is forgotten. */
  forget(segments: readonly KnownSegment[], page: number): void {
    for (const segment of segments) if (segment.index < 0) this.series.dissolve(segment)
    // A target may never be good, and show others each time.
    this.#lists.sweep(page, this.#segments)
  }

  /** Forgets the series that only pages which failed have shown, those of pages in front of `page`. */
  forgetFailed(page: number): void {
    for (const failed of this.#failed) if (failed.page < page) this.series.dissolve(failed.segment)
    this.#failed = this.#failed.filter((failed) => failed.page >= page)
  }

  #exchange(segments: readonly KnownSegment[]): void {
    const before = new Set(this.#segments)
    const fresh = segments.filter((segment) => !before.delete(segment))
    // What moved is somewhere else before the place where it was is forgotten.
    for (const segment of fresh) this.series.settle(segment)
    for (const segment of before) {
      this.series.dissolve(segment)
      this.#lines?.remove(segment)
      segment.index = -1
    }
    const isIndexed = this.#indexed === this.#segments.length
    if (!isIndexed || fresh.reduce((sum, { count }) => sum + count, 0) > maxIndexedAtOnce) this.#dropIndex()
    else if (this.#lines !== undefined) for (const segment of fresh) this.#lines.add(segment)
    if (this.#lines !== undefined) this.#indexed = segments.length
    for (const [index, segment] of segments.entries()) segment.index = index
    this.#segments = segments
  }

  #dropIndex(): void {
    this.#lines = undefined
    this.#indexed = 0
  }
}

/** Whether two pages have the same segments. */
export function areSame(some: readonly KnownSegment[], others: readonly KnownSegment[]): boolean {
  return some.length === others.length && some.every((segment, i) => segment === others[i])
}
