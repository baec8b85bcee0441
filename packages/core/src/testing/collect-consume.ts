import type { Batch } from '../model/batch.js'
import type { Ack, Consume } from '../model/flow.js'

/** A consume that keeps what it is given. */
export interface CollectConsume {
  /** Bound; hand it to a source or a receiver. */
  readonly consume: Consume
  /** What was taken, in order. */
  readonly batches: readonly Batch[]
  /** From now on batches are refused with this error; undefined: they are taken again. */
  readonly refuseWith: (error: Error | undefined) => void
}

/** A consume for tests of sources and receivers. */
export function collectConsume(options: { readonly status?: Ack['status'] } = {}): CollectConsume {
  const batches: Batch[] = []
  let refusal: Error | undefined
  return {
    batches,
    async consume(batch, { signal } = {}) {
      signal?.throwIfAborted()
      if (refusal !== undefined) throw refusal
      batches.push(batch)
      return { status: options.status ?? 'spooled' }
    },
    refuseWith(error) {
      refusal = error
    },
  }
}
