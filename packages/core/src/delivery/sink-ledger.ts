import { addCounts, type Counts, subtractCounts, zeroCounts } from '../model/batch.js'
import { excessCounts, isEmpty, lesserCounts } from '../model/count-math.js'

/** What a ledger books; `spooled` and `inFlight` follow from these. */
export type LedgerKind = 'recovered' | 'in' | 'delivered' | 'rejected' | 'dropped'

/** What lies before a cursor that was opened. */
export interface Found {
  readonly counts: Counts
  /** The last number of the log then. */
  readonly head: number
  /** Numbers of which nothing was known: damage, which may turn out to be less when it is read. Rarely any. */
  readonly unseen: readonly { readonly from: number; readonly to: number }[]
}

/** Told of every booking, for counters: nothing that was told is ever taken back. */
export type OnBooked = (kind: LedgerKind, counts: Counts, reason?: string) => void

/**
 * The accounts of one sink, in double entry: every booking moves an amount from one column to another, so that
 * `recovered + in = delivered + rejected + dropped + spooled + inFlight` holds after each.
 */
export class SinkLedger {
  recovered: Counts = zeroCounts
  entered: Counts = zeroCounts
  delivered: Counts = zeroCounts
  readonly rejected: Map<string, Counts> = new Map()
  readonly dropped: Map<string, Counts> = new Map()
  spooled: Counts = zeroCounts
  inFlight: Counts = zeroCounts
  readonly #onBooked: OnBooked
  #begun = false
  #confirmedSeq = 0
  /** Batches that were read, or lost, before their append was confirmed. */
  readonly #early = new Map<number, Counts>()
  #unseen: Found['unseen'] = []
  /** While a cursor is being opened: the last number of the log that is looked at. */
  #lookingUpTo = Number.POSITIVE_INFINITY
  /** What came in behind that meanwhile. */
  #behind: Counts = zeroCounts

  constructor(onBooked: OnBooked = () => {}) {
    this.#onBooked = onBooked
  }

  /** A cursor is being opened: `restart` will say what lies before it, up to this number. What is appended meanwhile comes in as ever. */
  look(head: number): void {
    this.#lookingUpTo = head
    this.#behind = zeroCounts
  }

  /**
   * A cursor was opened and this lies before it. What was on its way before is found again, and not counted twice; what is not found again
   * was damaged meanwhile.
   */
  restart({ counts, head, unseen }: Found): void {
    this.#begun = true
    this.#confirmedSeq = Math.max(head, this.#confirmedSeq)
    for (const seq of this.#early.keys()) if (seq <= head) this.#early.delete(seq)
    this.#unseen = unseen
    this.giveBack(this.inFlight)
    const known = subtractCounts(this.spooled, this.#behind)
    this.look(Number.POSITIVE_INFINITY)
    const more = excessCounts(counts, known)
    const less = excessCounts(known, counts)
    this.recover(more)
    if (!isEmpty(less)) this.dropSpooled('damage', less)
  }

  /** A batch that lies before the cursor was not found when it was opened, and is met now. */
  recover(counts: Counts): void {
    this.recovered = addCounts(this.recovered, counts)
    this.spooled = addCounts(this.spooled, counts)
    this.#onBooked('recovered', counts)
  }

  /** A cursor that is being opened lost a batch that lay before it: one that nobody had counted yet, or one that was on its way before. */
  loseAtRestart(reason: string, { seq, counts }: { readonly seq: number; readonly counts: Counts }): void {
    if (seq > this.#confirmedSeq) {
      if (this.#begun || seq > this.#lookingUpTo) this.#meetEarly(seq, counts)
      else this.recover(counts)
    }
    if (seq > this.#lookingUpTo) this.#behind = subtractCounts(this.#behind, counts)
    this.dropSpooled(reason, counts)
  }

  /** An append was confirmed: the batches after the last one confirmed, up to `seq`. Confirmations come in the order of the log. */
  confirm(seq: number, counts: Counts): void {
    // What comes before a sink's beginning is not its own, and what lies behind it then is found there.
    if ((!this.#begun && seq <= this.#lookingUpTo) || seq <= this.#confirmedSeq) return
    this.#confirmedSeq = seq
    let rest = counts
    for (const [early, known] of this.#early) {
      if (early > seq) continue
      rest = subtractCounts(rest, known)
      this.#early.delete(early)
    }
    this.#enter(seq, rest)
  }

  /** A batch was met that the cursor gives, or lost, for the first time. Counted now if its append is not confirmed yet. */
  meet(seq: number, counts: Counts): void {
    if (this.#unseen.some(({ from, to }) => seq >= from && seq <= to)) {
      this.recover(counts)
      return
    }
    if (seq > this.#confirmedSeq) this.#meetEarly(seq, counts)
  }

  #meetEarly(seq: number, counts: Counts): void {
    this.#early.set(seq, counts)
    this.#enter(seq, counts)
  }

  #enter(seq: number, counts: Counts): void {
    if (seq > this.#lookingUpTo) this.#behind = addCounts(this.#behind, counts)
    this.entered = addCounts(this.entered, counts)
    this.spooled = addCounts(this.spooled, counts)
    this.#onBooked('in', counts)
  }

  /**
   * Nothing that was met up to `front` is unsettled. What is left of it was in damaged records of which nobody knows how much they held:
   * it is dropped, for `damage`. Returns what that was.
   */
  closeOut(front: number): Counts {
    if (front < this.#confirmedSeq || isEmpty(this.spooled)) return zeroCounts
    const left = this.spooled
    this.dropSpooled('damage', left)
    return left
  }

  /** A request is formed of this. */
  begin(counts: Counts): void {
    this.spooled = subtractCounts(this.spooled, counts)
    this.inFlight = addCounts(this.inFlight, counts)
  }

  /** A request was given up: what it did not settle is in the spool as before. */
  giveBack(counts: Counts): void {
    this.inFlight = subtractCounts(this.inFlight, counts)
    this.spooled = addCounts(this.spooled, counts)
  }

  deliver(counts: Counts): void {
    this.inFlight = subtractCounts(this.inFlight, counts)
    this.delivered = addCounts(this.delivered, counts)
    this.#onBooked('delivered', counts)
  }

  reject(reason: string, counts: Counts): void {
    this.inFlight = subtractCounts(this.inFlight, counts)
    this.rejected.set(reason, addCounts(this.rejected.get(reason) ?? zeroCounts, counts))
    this.#onBooked('rejected', counts, reason)
  }

  drop(reason: string, counts: Counts): void {
    this.inFlight = subtractCounts(this.inFlight, counts)
    this.#bookDropped(reason, counts)
  }

  /** Gone from the spool without having been in a request; never more than is there. */
  dropSpooled(reason: string, counts: Counts): void {
    const there = lesserCounts(counts, this.spooled)
    this.spooled = subtractCounts(this.spooled, there)
    this.#bookDropped(reason, there)
  }

  #bookDropped(reason: string, counts: Counts): void {
    this.dropped.set(reason, addCounts(this.dropped.get(reason) ?? zeroCounts, counts))
    this.#onBooked('dropped', counts, reason)
  }
}
