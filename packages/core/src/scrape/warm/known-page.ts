import { equalBytes } from '../../model/bytes.js'
import { lastPageOf } from '../known-series.js'
import type { KnownSegment } from './known-segment.js'

const noBytes = new Uint8Array(0)

/** The last page of a target that was good, as it stood: what the next one is expected to be. */
export class KnownPage {
  #segments: readonly KnownSegment[] = []
  #tail: Uint8Array = noBytes

  /** In page order. */
  get segments(): readonly KnownSegment[] {
    return this.#segments
  }

  /** Whether a body ends from `at` on as the page did behind its last sample. */
  endsWith(body: Uint8Array, at: number): boolean {
    return body.length - at === this.#tail.length && equalBytes(body.subarray(at), this.#tail)
  }

  /** Another page takes its place. Segments that are on both stay as they are. @param tail the comments behind the last line */
  replace(segments: readonly KnownSegment[], tail: Uint8Array): void {
    if (!equalBytes(this.#tail, tail)) this.#tail = tail.slice()
    if (segments.length === this.#segments.length && segments.every((segment, i) => segment === this.#segments[i])) return
    const before = new Set(this.#segments)
    const fresh = segments.filter((segment) => !before.delete(segment))
    for (const segment of before) dissolve(segment)
    for (const segment of fresh) settle(segment)
    for (const [index, segment] of segments.entries()) segment.index = index
    this.#segments = segments
  }

  /** Forgets the page; what its segments know of their lines stays with the lines. */
  clear(): void {
    this.replace([], noBytes)
  }

  /** Lets go of segments with lines whose last page is not to be kept. */
  prune(keep: (page: number) => boolean): void {
    const segments = this.#segments.filter(({ lines }) => lines.every((line) => keep(lastPageOf(line))))
    if (segments.length < this.#segments.length) this.replace(segments, this.#tail)
  }
}

function settle(segment: KnownSegment): void {
  const { lines, list } = segment
  let row = 0
  lines.forEach((line, place) => {
    line.home = segment
    line.place = place
    if (!segment.whole || line.known === undefined) return
    line.known.home = segment
    // A duplicate further down the page had other metadata.
    if (line.known.series !== list?.at(row++)) segment.whole = false
  })
}

function dissolve(segment: KnownSegment): void {
  const { page } = segment
  for (const line of segment.lines) {
    if (line.home === segment) {
      line.page = Math.max(line.page, page)
      line.home = undefined
    }
    const { known } = line
    if (known === undefined || known.home !== segment) continue
    if (page > known.page) known.page = page
    if (page > known.trackedPage) known.trackedPage = page
    known.home = undefined
  }
}
