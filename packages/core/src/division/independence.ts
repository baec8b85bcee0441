import type { Batch } from '../model/batch.js'
import type { SeriesList } from '../model/series-list.js'

/** What keeps the samples of two batches in order: the same tenant and origin. */
export function originKey(origin: Batch['origin']): string {
  return JSON.stringify([origin.kind, origin.tenant, origin.id])
}

/** Whether the lists of a batch may be sent in any order: each comes once, and all are of one instant. */
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
  return true
}

interface Seen {
  readonly piece: number
  readonly timestampMs: number | Float64Array
  readonly lists: Map<SeriesList, number>
}

/**
 * Whether pieces of a request may be under way together: no series can be in two of them. Told cheaply, and no more often than is certain:
 * an origin that is in several pieces must speak of one instant, with each list in one piece.
 */
export function areIndependent(pieces: readonly (readonly Batch[])[]): boolean {
  if (pieces.length < 2) return true
  const origins = new Map<string, Seen & { several: boolean; mixed: boolean }>()
  let origin: Batch['origin'] | undefined
  let key = ''
  for (const [piece, batches] of pieces.entries()) {
    for (const batch of batches) {
      // Most pieces are of one batch.
      if (batch.origin !== origin) key = originKey(batch.origin)
      origin = batch.origin
      for (const columns of batch.columns) {
        const timestampMs = columns.kind === 'exemplars' ? undefined : columns.timestampMs
        const seen = origins.get(key) ?? { piece, timestampMs: timestampMs ?? 0, lists: new Map(), several: false, mixed: false }
        origins.set(key, seen)
        seen.several ||= seen.piece !== piece
        seen.mixed ||= typeof timestampMs === 'object' || (timestampMs !== undefined && timestampMs !== seen.timestampMs)
        seen.mixed ||= (seen.lists.get(columns.series) ?? piece) !== piece
        seen.lists.set(columns.series, piece)
        if (seen.several && seen.mixed) return false
      }
    }
  }
  return true
}
