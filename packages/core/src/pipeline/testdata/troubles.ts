import type { SendOutcome } from '../../delivery/sink.js'
import { type Batch, countsOf } from '../../model/batch.js'
import type { Transform } from '../../model/flow.js'
import { batchOf, samplesOf } from '../../model/samples.js'

/** What a server may say to a request, by name; samples that end in `poisonous` are refused whatever it says. */
export const answers: Readonly<Record<string, () => SendOutcome>> = {
  ok: () => ({ status: 'delivered' }),
  retry: () => ({ status: 'retryable', error: new Error('down') }),
  later: () => ({ status: 'retryable', error: new Error('slow down'), retryAfterMs: 700 }),
  blocked: () => ({ status: 'retryable', error: new Error('401'), blocked: 'unauthorized' }),
  reencode: () => ({ status: 'retryable', error: new Error('415'), reencode: true }),
  tooLarge: () => ({ status: 'rejected', error: new Error('413'), cause: 'too-large', divisible: true }),
  thrown: () => {
    throw new Error('reset')
  },
}

export const tenants = [undefined, 'x', 'y'] as const

/** What the value of a sample ends in that is refused. */
export const poisonous = 0.25
/** What the value of a sample ends in that `filter` leaves out. */
export const filteredOut = 0.5

export const filter: Transform = (batch, drop) => {
  const kept = [...samplesOf(batch)].filter((sample) => sample.value % 1 !== filteredOut)
  const samples = countsOf(batch).samples - kept.length
  // What is not touched keeps its lists.
  if (samples === 0) return batch
  drop('filter', { samples, histograms: 0, exemplars: 0 })
  return batchOf(kept, batch.origin)
}

/** The refusal of batches of which one has a poisonous sample; undefined where none has. */
export function refusePoison(batches: readonly Batch[]): SendOutcome | undefined {
  const isPoisoned = batches.some((batch) => [...samplesOf(batch)].some(({ value }) => value % 1 === poisonous))
  return isPoisoned ? { status: 'rejected', error: new Error('poison'), cause: 'invalid', divisible: true } : undefined
}
