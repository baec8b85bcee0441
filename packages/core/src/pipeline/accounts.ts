import { addCounts, type Counts, subtractCounts, totalOf, zeroCounts } from '../model/batch.js'
import { sumCounts } from '../model/count-math.js'
import type { SinkLedger } from '../delivery/sink-ledger.js'
import type { Accounts, SinkAccounts } from './pipeline.js'

/** Equal, kind by kind, and nothing below zero. */
function isBalanced(left: Counts, right: Counts, parts: readonly Counts[]): boolean {
  const { samples, histograms, exemplars } = subtractCounts(left, right)
  const isWhole = (counts: Counts): boolean => counts.samples >= 0 && counts.histograms >= 0 && counts.exemplars >= 0
  return samples === 0 && histograms === 0 && exemplars === 0 && parts.every(isWhole)
}

/** The accounts of one sink, as its ledger has them now. */
export function sinkAccounts(ledger: SinkLedger): SinkAccounts {
  const { recovered, entered, delivered, spooled, inFlight } = ledger
  const parts = [delivered, ...ledger.rejected.values(), ...ledger.dropped.values(), spooled, inFlight]
  return {
    recovered,
    in: entered,
    delivered,
    rejected: Object.fromEntries(ledger.rejected),
    dropped: Object.fromEntries(ledger.dropped),
    spooled,
    inFlight,
    balanced: isBalanced(addCounts(recovered, entered), sumCounts(parts), parts),
  }
}

/** What passed before the spool: every batch that was offered is pending, refused, or was split into what was dropped and what was spooled. */
export class IntakeLedger {
  #in: Counts = zeroCounts
  #spooled: Counts = zeroCounts
  #refused: Counts = zeroCounts
  #pending: Counts = zeroCounts
  readonly #dropped = new Map<string, Counts>()

  /** A batch was offered. */
  begin(counts: Counts): void {
    this.#in = addCounts(this.#in, counts)
    this.#pending = addCounts(this.#pending, counts)
  }

  /** It was not taken. */
  refuse(counts: Counts): void {
    this.#in = subtractCounts(this.#in, counts)
    this.#pending = subtractCounts(this.#pending, counts)
    this.#refused = addCounts(this.#refused, counts)
  }

  /** It was taken: this much was spooled, the rest dropped. */
  accept(offered: Counts, spooled: Counts): void {
    this.#pending = subtractCounts(this.#pending, offered)
    this.#spooled = addCounts(this.#spooled, spooled)
  }

  /** A part of what was accepted was left out by a transform. */
  drop(reason: string, counts: Counts): void {
    this.#dropped.set(reason, addCounts(this.#dropped.get(reason) ?? zeroCounts, counts))
  }

  /** A transform made more of a batch than came in. */
  add(counts: Counts): void {
    this.#in = addCounts(this.#in, counts)
  }

  snapshot(): Accounts['intake'] {
    const parts = [this.#spooled, this.#pending, ...this.#dropped.values()]
    return {
      in: this.#in,
      dropped: Object.fromEntries(this.#dropped),
      spooled: this.#spooled,
      refused: this.#refused,
      pending: this.#pending,
      balanced: isBalanced(this.#in, sumCounts(parts), parts),
    }
  }
}

/** All accounts of a pipeline. */
export function pipelineAccounts(intake: IntakeLedger, sinks: Iterable<readonly [name: string, ledger: SinkLedger]>): Accounts {
  const stage = intake.snapshot()
  const bySink = Object.fromEntries([...sinks].map(([name, ledger]) => [name, sinkAccounts(ledger)]))
  return { intake: stage, sinks: bySink, balanced: stage.balanced && Object.values(bySink).every((sink) => sink.balanced) }
}

/** What metrics call samples: native histograms are samples of a series as well, exemplars are not. */
export function samplesIn(counts: Counts): number {
  return counts.samples + counts.histograms
}

/** One line for the log: each sink's accounts, in samples of all kinds. */
export function accountsLine(accounts: Accounts): string {
  const line = ([name, sink]: readonly [string, SinkAccounts]): string => {
    const by = (reasons: Readonly<Record<string, Counts>>): string => String(totalOf(sumCounts(Object.values(reasons))))
    const left = `delivered ${totalOf(sink.delivered)} + rejected ${by(sink.rejected)} + dropped ${by(sink.dropped)}`
    const waiting = `spooled ${totalOf(sink.spooled)} + in flight ${totalOf(sink.inFlight)}`
    const sign = sink.balanced ? '=' : '≠'
    return `${name}: recovered ${totalOf(sink.recovered)} + in ${totalOf(sink.in)} ${sign} ${left} + ${waiting}`
  }
  return Object.entries(accounts.sinks).map(line).join('; ')
}
