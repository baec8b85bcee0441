import type { Batch } from '../model/batch.js'
import type { SeriesList } from '../model/series-list.js'
import { areDisjoint } from '../model/disjoint-lists.js'

/** What keeps the samples of two batches in order: the same tenant and origin. */
export function originKey(origin: Batch['origin']): string {
  return JSON.stringify([origin.kind, origin.tenant, origin.id])
}

/** Whether the lists of a batch may be sent in any order: each series comes once, and all are of one instant. */
export function isUnordered({ columns }: Batch): boolean {
  const lists = new Set<SeriesList>()
  let last: SeriesList | undefined
  let instant: number | undefined
  for (const one of columns) {
    if (one.kind !== 'exemplars') {
      const { timestampMs } = one
      if (typeof timestampMs !== 'number' || timestampMs !== (instant ?? timestampMs)) return false
      instant = timestampMs
    }
    // Columns of one list that stand side by side stay together.
    if (one.series === last) continue
    if (lists.has(one.series)) return false
    lists.add(one.series)
    last = one.series
  }
  return areDisjoint(lists)
}

/**
 * Whether pieces of a request may be under way together: no series is in two of them. Told cheaply, and no more often than is certain: an
 * origin that is in several pieces must speak of one instant, with each list in one piece, and no series in two lists.
 */
export function areIndependent(pieces: readonly (readonly Batch[])[]): boolean {
  if (pieces.length < 2) return true
  const origins = new Map<string, SeenOrigin>()
  let origin: Batch['origin'] | undefined
  let seen = new SeenOrigin()
  for (const [piece, batches] of pieces.entries()) {
    for (const batch of batches) {
      // Most pieces are of one batch.
      if (batch.origin !== origin) {
        const key = originKey(batch.origin)
        seen = origins.get(key) ?? new SeenOrigin()
        origins.set(key, seen)
        origin = batch.origin
      }
      if (!seen.isIndependentWith(batch, piece)) return false
    }
  }
  for (const one of origins.values()) if (!one.isDisjoint()) return false
  return true
}

/** What the pieces so far have of one origin. */
class SeenOrigin {
  readonly #lists = new Map<SeriesList, number>()
  #piece: number | undefined
  #instant: number | undefined
  #isInSeveral = false
  /** It speaks of several instants, or has a list in two pieces. */
  #isMixed = false

  /** Takes what a piece has of the origin. */
  isIndependentWith({ columns }: Batch, piece: number): boolean {
    if (columns.length === 0) return true
    this.#piece ??= piece
    this.#isInSeveral ||= this.#piece !== piece
    for (const one of columns) {
      if (one.kind !== 'exemplars') {
        this.#instant ??= typeof one.timestampMs === 'number' ? one.timestampMs : undefined
        this.#isMixed ||= one.timestampMs !== this.#instant
      }
      const known = this.#lists.get(one.series)
      if (known === undefined) this.#lists.set(one.series, piece)
      else this.#isMixed ||= known !== piece
    }
    return !(this.#isInSeveral && this.#isMixed)
  }

  /** Whether no series is in two lists, where that matters. */
  isDisjoint(): boolean {
    return !this.#isInSeveral || areDisjoint(new Set(this.#lists.keys()))
  }
}
