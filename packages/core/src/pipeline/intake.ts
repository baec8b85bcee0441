import { type Batch, type Counts, countsOf, subtractCounts, zeroCounts } from '../model/batch.js'
import { PromlineError, toError } from '../model/errors.js'
import type { Ack, Dropped, Transform } from '../model/flow.js'
import type { Logger } from '../model/logger.js'
import { boundCounts } from '../model/claimed-counts.js'
import { createSharedController } from '../model/shared-controller.js'
import type { Spool } from '../spool/spool.js'
import { excessCounts, isEmpty, sumCounts } from '../model/count-math.js'
import { Trigger } from '../model/trigger.js'
import { assertBatch } from '../records/assert-batch.js'
import type { IntakeLedger } from './accounts.js'

export interface IntakeOptions {
  readonly pipeline: string
  readonly spool: Spool
  readonly transforms: readonly Transform[]
  readonly tap?: (batch: Batch) => void
  readonly logger: Logger
  readonly ledger: IntakeLedger
  /** Opens the spool, once; every write waits for it. */
  ready(): Promise<void>
  /** A batch is in the log, up to this number. In the order of the log. */
  confirmed(seq: number, counts: Counts): void
  /** A batch was taken. */
  accepted(batch: Batch, spooled: Counts, dropped: readonly Dropped[]): void
  refused(counts: Counts, error: Error): void
}

interface Pending {
  readonly counts: Counts
  /** Refuses it as long as the spool has not taken it. */
  readonly controller: AbortController
  /** Undefined while the append is under way; 0 where it was refused. */
  seq?: number
}

/** What the transforms made of a batch. */
interface Changed {
  readonly batch: Batch
  readonly kept: Counts
  readonly dropped: readonly Dropped[]
  /** More than came in. */
  readonly added: Counts
}

/** What stands before the spool: transforms, the tap, the append, and the accounts of it. */
export class Intake {
  readonly #options: IntakeOptions
  /** A spool on disk looks at what it encodes; one in memory keeps whatever it is given. */
  readonly #asserts: boolean
  /** By the signals of those who write: most write all their batches with one. */
  readonly #controllers = new WeakMap<AbortSignal, AbortController>()
  /** For those who have none. */
  readonly #controller = createSharedController()
  /** Appends in the order of the calls, which is the order of the log. */
  readonly #pending: Pending[] = []
  readonly #settled = new Trigger()
  #writes = 0
  #closed = false

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#asserts = options.spool.status().kind === 'memory'
  }

  /** See `Consume`. */
  async write(batch: Batch, signal?: AbortSignal): Promise<Ack> {
    if (this.#closed) throw this.#closedError()
    const { ledger, tap } = this.#options
    const offered = countsOf(batch)
    this.#writes++
    ledger.begin(offered)
    try {
      await this.#options.ready()
      signal?.throwIfAborted()
      const changed = this.#transform(batch, offered)
      const { kept, dropped, added } = changed
      const status = isEmpty(kept) ? 'delivered' : await this.#append(changed, this.#controllerOf(signal))
      if (!isEmpty(added)) ledger.add(added)
      ledger.accept(offered, kept)
      for (const { reason, counts } of dropped) ledger.drop(reason, counts)
      this.#options.accepted(changed.batch, kept, dropped)
      if (tap !== undefined && !isEmpty(kept)) this.#onlook(tap, changed.batch)
      return { status }
    } catch (thrown) {
      const error = toError(thrown)
      ledger.refuse(offered)
      this.#options.refused(offered, error)
      throw error
    } finally {
      this.#writes--
      this.#settled.fire()
    }
  }

  /** From now on every write is refused. */
  close(): void {
    this.#closed = true
  }

  /** Resolves when no write is under way, or when the signal aborts. */
  async settle(signal: AbortSignal): Promise<void> {
    while (this.#writes > 0 && !signal.aborted) await this.#settled.wait({ signal })
  }

  /** Refuses what is still under way. */
  giveUp(): void {
    for (const { controller } of this.#pending) controller.abort(this.#closedError())
  }

  #transform(batch: Batch, offered: Counts): Changed {
    const { transforms } = this.#options
    if (transforms.length === 0) return { batch, kept: offered, dropped: [], added: zeroCounts }
    const dropped: Dropped[] = []
    let changed = batch
    for (const transform of transforms) {
      const given = changed
      let left: Counts | undefined
      changed = transform(given, (reason, said) => {
        left ??= given === batch ? offered : countsOf(given)
        const counts = boundCounts(said, left)
        left = subtractCounts(left, counts)
        dropped.push({ reason, counts })
      })
    }
    const kept = countsOf(changed)
    const spoken = sumCounts([kept, ...dropped.map((one) => one.counts)])
    const silent = excessCounts(offered, spoken)
    if (!isEmpty(silent)) dropped.push({ reason: 'unaccounted', counts: silent })
    return { batch: changed, kept, dropped, added: excessCounts(spoken, offered) }
  }

  async #append({ batch, kept: counts }: Changed, controller: AbortController): Promise<Ack['status']> {
    if (this.#asserts) assertBatch(batch)
    const pending: Pending = { counts, controller }
    this.#pending.push(pending)
    try {
      const { seq, status } = await this.#options.spool.append(batch, { signal: controller.signal })
      pending.seq = seq
      return status
    } catch (error) {
      pending.seq = 0
      throw error
    } finally {
      this.#confirm()
    }
  }

  /** Aborts with a signal, and may be aborted by us. */
  #controllerOf(signal: AbortSignal | undefined): AbortController {
    if (signal === undefined) return this.#controller
    const known = this.#controllers.get(signal)
    if (known !== undefined) return known
    const controller = createSharedController()
    this.#controllers.set(signal, controller)
    signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
    return controller
  }

  #confirm(): void {
    for (let first = this.#pending[0]; first?.seq !== undefined; first = this.#pending[0]) {
      this.#pending.shift()
      if (first.seq > 0) this.#options.confirmed(first.seq, first.counts)
    }
  }

  #onlook(tap: (batch: Batch) => void, batch: Batch): void {
    const { logger, pipeline } = this.#options
    try {
      tap(batch)
    } catch (error) {
      logger.warn({ pipeline, error }, `The tap of pipeline ${pipeline} threw: ${toError(error).message}. The batch goes its way.`)
    }
  }

  #closedError(): PromlineError {
    return new PromlineError('closed', `pipeline ${JSON.stringify(this.#options.pipeline)} is closed`)
  }
}
