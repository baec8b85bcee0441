import { totalOf } from '../model/batch.js'
import { PromlineError } from '../model/errors.js'
import { lowest } from '../spool/lanes.js'
import type { SpooledBatch } from '../spool/spool.js'
import { waitsFor } from './inspect.js'
import type { SpoolView } from './spool-view.js'

/** Which batches are wanted. */
export interface Selection {
  /** What waits for this sink. */
  readonly cursor?: string | undefined
  /** From this batch on. */
  readonly from?: number | undefined
}

/** The batches of a spool that are wanted, in order; `onLost` is told of those that cannot be read. Throws a PromlineError (`options`). */
export async function* selectBatches(
  view: SpoolView,
  { cursor, from }: Selection,
  onLost: (batches: number, samples: number) => void,
): AsyncGenerator<SpooledBatch> {
  const place = view.places.find(({ name }) => name === cursor)
  if (cursor !== undefined && place === undefined) {
    const names = view.places.map(({ name }) => name)
    throw new PromlineError('options', `no sink ${cursor} has a place in ${view.dir}, only: ${names.join(', ') || 'none'}`)
  }
  const settled = lowest(place?.stored?.lanes ?? [])
  let last: number | undefined
  for await (const read of view.read(Math.max(from ?? 0, settled + 1))) {
    const batch = 'damaged' in read ? read.damaged : { seq: read.seq, origin: read.batch.origin }
    if (last !== undefined && batch.seq > last + 1) onLost(batch.seq - last - 1, 0)
    last = batch.seq
    if (place !== undefined && !waitsFor(place, batch)) continue
    if ('damaged' in read) onLost(1, totalOf(read.damaged.counts))
    else yield read
  }
}
