import type { Sink } from '../delivery/sink.js'
import { addCounts, type Counts, countsOf, totalOf, zeroCounts } from '../model/batch.js'
import { toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import { createPipeline } from '../pipeline/create-pipeline.js'
import type { Pipeline, SinkAccounts } from '../pipeline/pipeline.js'
import { estimateBatchBytes } from '../records/columns-encode.js'
import { createMemorySpool } from '../spool/memory-spool.js'
import type { SpooledBatch } from '../spool/spool.js'

/** Batches that are on their way at one time: enough for the lanes of a sink, little to hold. */
const windowBatches = 64

/** What these batches take in memory: as much as a memory spool holds by default. A larger batch is on its way by itself. */
const defaultWindowBytes = 64 * 1024 * 1024

/** Nobody waits for these samples: requests are joined as long as there is more to read, which takes a moment. */
const joinMs = 50

/** Why a replay ended early. */
export interface ReplayFailure {
  /** The batch that was not delivered; absent where the next one could not be read. */
  readonly seq?: number
  readonly error: Error
}

/** What became of what was replayed. */
export interface ReplayResult {
  readonly batches: number
  /** What is in them. */
  readonly counts: Counts
  /** All up to this one are delivered, but for what a sink refused for good; 0 where none is. */
  readonly deliveredUpTo: number
  /** By sink. */
  readonly accounts: Readonly<Record<string, SinkAccounts>>
  /** Whether a sink refused something for good. */
  readonly refused: boolean
  readonly failure?: ReplayFailure
  /** Whether everything was delivered, and nothing refused. */
  readonly complete: boolean
}

export interface ReplayOptions {
  readonly sinks: readonly Sink<unknown>[]
  readonly signal: AbortSignal
  readonly logger: Logger
  /** Bytes that are on their way at one time. Default 64 MiB. */
  readonly windowBytes?: number
}

/**
 * Sends batches to sinks through a pipeline of their own, so with the joining, the retries and the order of any other. Ends early at the
 * signal, and at a batch that cannot be sent, for what comes after it is not to overtake it; `deliveredUpTo` says where to go on. Rejects
 * where not even the first batch can be read.
 */
export async function replayBatches(batches: AsyncIterable<SpooledBatch>, options: ReplayOptions): Promise<ReplayResult> {
  const { signal, logger } = options
  const pipeline = createPipeline({
    name: 'replay',
    // What is on its way is bounded here: a cap of the spool would refuse a batch that is larger.
    spool: createMemorySpool({ maxBytes: Number.MAX_SAFE_INTEGER, maxPendingBytes: Number.MAX_SAFE_INTEGER }),
    sinks: options.sinks.map((sink) => ({ sink, delivery: { batchSendDeadlineMs: joinMs } })),
    logger,
  })
  const window = new ReplayWindow(pipeline, { signal, maxBytes: options.windowBytes ?? defaultWindowBytes })
  let [count, counts] = [0, zeroCounts]
  let unread: ReplayFailure | undefined
  try {
    for await (const one of batches) {
      if (signal.aborted) break
      count++
      counts = addCounts(counts, countsOf(one.batch))
      await window.send(one)
      if (window.failure !== undefined) break
    }
  } catch (error) {
    if (count === 0) throw error
    unread = { error: toError(error) }
  } finally {
    await window.settle()
    await pipeline.close()
  }
  const { sinks: accounts } = pipeline.accounts()
  const refused = Object.values(accounts).some(({ rejected }) => Object.values(rejected).some((some) => totalOf(some) > 0))
  const failure = window.failure ?? unread
  return {
    batches: count,
    counts,
    deliveredUpTo: window.deliveredUpTo,
    accounts,
    refused,
    ...(failure !== undefined && { failure }),
    complete: failure === undefined && !refused && !signal.aborted,
  }
}

interface UnderWay {
  readonly seq: number
  readonly bytes: number
  /** Resolves when it is known what became of it. */
  readonly written: Promise<void>
}

/** The batches that are on their way, in order, bounded in number and bytes. */
class ReplayWindow {
  deliveredUpTo = 0
  failure: ReplayFailure | undefined
  readonly #pipeline: Pipeline
  readonly #options: { readonly signal: AbortSignal; readonly maxBytes: number }
  readonly #waiting: UnderWay[] = []
  #bytes = 0
  #failedSeq = Number.POSITIVE_INFINITY

  constructor(pipeline: Pipeline, options: { readonly signal: AbortSignal; readonly maxBytes: number }) {
    this.#pipeline = pipeline
    this.#options = options
  }

  /** Resolves when the batch is on its way, or is not because one before it failed. */
  async send({ seq, batch }: SpooledBatch): Promise<void> {
    const { signal, maxBytes } = this.#options
    const bytes = estimateBatchBytes(batch)
    while (this.#waiting.length >= windowBatches || (this.#waiting.length > 0 && this.#bytes + bytes > maxBytes)) await this.#settleOldest()
    if (this.failure !== undefined) return
    const written = this.#pipeline.write(batch, { signal }).then(
      () => {},
      (error: unknown) => this.#fail(seq, toError(error)),
    )
    this.#waiting.push({ seq, bytes, written })
    this.#bytes += bytes
  }

  /** Waits for all that are on their way. */
  async settle(): Promise<void> {
    while (this.#waiting.length > 0) await this.#settleOldest()
  }

  async #settleOldest(): Promise<void> {
    const oldest = this.#waiting.shift()
    if (oldest === undefined) return
    const { seq, bytes, written } = oldest
    await written
    this.#bytes -= bytes
    if (seq < this.#failedSeq) this.deliveredUpTo = seq
  }

  /** Known at once, not in its turn: the less comes after it, the less overtakes it. */
  #fail(seq: number, error: Error): void {
    if (seq > this.#failedSeq) return
    this.#failedSeq = seq
    this.failure = { seq, error }
  }
}
