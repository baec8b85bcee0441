import { addCounts, type Counts, subtractCounts, zeroCounts } from '../model/batch.js'
import { boundCounts } from '../model/claimed-counts.js'
import type { DeliveryObserver } from './delivery-observer.js'
import { isEmpty, lesserCounts } from '../model/count-math.js'
import type { SinkLedger } from './sink-ledger.js'

/** What became of the samples of a request. */
export interface Settled {
  readonly delivered: Counts
  readonly rejected: Counts
  readonly dropped: Counts
}

export const nothingSettled: Settled = { delivered: zeroCounts, rejected: zeroCounts, dropped: zeroCounts }

export function addSettled(a: Settled, b: Settled): Settled {
  if (a === nothingSettled) return b
  return {
    delivered: addCounts(a.delivered, b.delivered),
    rejected: addCounts(a.rejected, b.rejected),
    dropped: addCounts(a.dropped, b.dropped),
  }
}

/** What was booked already and is met once more, because a request had to be encoded again: it must not be counted twice. */
export class Credit {
  #left: Settled = nothingSettled

  add(settled: Settled): void {
    this.#left = addSettled(this.#left, settled)
  }

  /** Takes off what was booked before, and gives what is new. */
  use(kind: keyof Settled, counts: Counts): Counts {
    if (this.#left === nothingSettled) return counts
    const known = lesserCounts(counts, this.#left[kind])
    this.#left = { ...this.#left, [kind]: subtractCounts(this.#left[kind], known) }
    return subtractCounts(counts, known)
  }
}

/**
 * Keeps account of one group of batches until all of it is settled. Never books more than the group holds, whatever a sink says, and
 * in the end books what no part spoke of, so that the ledger balances even for a sink that miscounts.
 */
export class Tally {
  readonly #ledger: SinkLedger
  readonly #observer: DeliveryObserver
  #left: Counts

  constructor(counts: Counts, options: { readonly ledger: SinkLedger; readonly observer: DeliveryObserver }) {
    this.#ledger = options.ledger
    this.#observer = options.observer
    this.#left = counts
    this.#ledger.begin(counts)
  }

  delivered(counts: Counts): void {
    const taken = this.#take(counts)
    if (!isEmpty(taken)) this.#ledger.deliver(taken)
  }

  rejected(what: { readonly reason: string; readonly message: string; readonly counts: Counts }): void {
    const taken = this.#take(what.counts)
    if (isEmpty(taken)) return
    this.#ledger.reject(what.reason, taken)
    this.#observer.rejected({ reason: what.reason, message: what.message, counts: taken })
  }

  dropped(reason: string, counts: Counts): void {
    const taken = this.#take(counts)
    if (isEmpty(taken)) return
    this.#ledger.drop(reason, taken)
    this.#observer.dropped({ reason, counts: taken })
  }

  /** All is settled. What is left was in no part and in nothing dropped: the sink's own miscount. */
  finish(): void {
    if (!isEmpty(this.#left)) this.dropped('unaccounted', this.#left)
  }

  /** Given up: what is left stays in the spool. */
  giveBack(): void {
    this.#ledger.giveBack(this.#left)
    this.#left = zeroCounts
  }

  #take(counts: Counts): Counts {
    const taken = boundCounts(counts, this.#left)
    this.#left = subtractCounts(this.#left, taken)
    return taken
  }
}
