import type { Sink } from '../delivery/sink.js'
import { addCounts, type Counts, countsOf, totalOf, zeroCounts } from '../model/batch.js'
import type { Logger } from '../model/logger.js'
import { createPipeline } from '../pipeline/create-pipeline.js'
import type { SinkAccounts } from '../pipeline/pipeline.js'
import { createMemorySpool } from '../spool/memory-spool.js'
import type { SpooledBatch } from '../spool/spool.js'

/** Batches that are on their way at one time: enough for the lanes of a sink, little to hold. */
const window = 64

/** Nobody waits for these samples: requests are joined as long as there is more to read, which takes a moment. */
const joinMs = 50

/** What became of what was replayed. */
export interface ReplayResult {
  readonly batches: number
  /** What is in them. */
  readonly counts: Counts
  /** All up to this one are delivered; 0 where none is. */
  readonly deliveredUpTo: number
  /** By sink. */
  readonly accounts: Readonly<Record<string, SinkAccounts>>
  /** Whether everything was delivered, and nothing refused. */
  readonly complete: boolean
}

/**
 * Sends batches to sinks through a pipeline of their own, so with the joining, the retries and the order of any other. Ends early at the
 * signal; `deliveredUpTo` says where to go on.
 */
export async function replayBatches(
  batches: AsyncIterable<SpooledBatch>,
  options: { readonly sinks: readonly Sink<unknown>[]; readonly signal: AbortSignal; readonly logger: Logger },
): Promise<ReplayResult> {
  const { signal, logger } = options
  const pipeline = createPipeline({
    name: 'replay',
    spool: createMemorySpool(),
    sinks: options.sinks.map((sink) => ({ sink, delivery: { batchSendDeadlineMs: joinMs } })),
    logger,
  })
  /** Numbers of what is on its way, in order. */
  const waiting: { readonly seq: number; readonly written: Promise<boolean> }[] = []
  let [count, counts, deliveredUpTo, isWhole] = [0, zeroCounts, 0, true]
  const settleOldest = async (): Promise<void> => {
    const oldest = waiting.shift()
    if (oldest === undefined) return
    isWhole &&= await oldest.written
    if (isWhole) deliveredUpTo = oldest.seq
  }
  try {
    for await (const { seq, batch } of batches) {
      if (signal.aborted) break
      count++
      counts = addCounts(counts, countsOf(batch))
      const written = pipeline.write(batch, { signal }).then(
        () => true,
        () => false,
      )
      waiting.push({ seq, written })
      if (waiting.length >= window) await settleOldest()
    }
    while (waiting.length > 0) await settleOldest()
  } finally {
    await pipeline.close()
  }
  const { sinks: accounts } = pipeline.accounts()
  const refused = Object.values(accounts).some(({ rejected }) => Object.values(rejected).some((some) => totalOf(some) > 0))
  return { batches: count, counts, deliveredUpTo, accounts, complete: isWhole && !refused && !signal.aborted }
}
