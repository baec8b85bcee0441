import type { Counts, Pipeline } from '@promline/core'

/** Five seconds: ten minutes are 120 points, enough for a sparkline, and a look costs next to nothing. */
export const historyStepMs = 5_000
/** Ten minutes, what the page draws. */
const historyLength = 120
/** The rate shown is over the last ten seconds. */
const rateSteps = 2

/** Samples that passed an arrow of the drawing since the start. */
interface Totals {
  readonly atMs: number
  readonly byArrow: ReadonlyMap<string, number>
}

/** What an arrow of the flow carries. */
export interface ArrowRate {
  /** Samples per second over the last ten seconds. */
  readonly perSecond: number
  /** Samples per second in each step, oldest first, of the last ten minutes. */
  readonly history: readonly number[]
}

/** Remembers what passed each arrow, so that the page can draw rates from the moment it opens. */
export class FlowHistory {
  readonly #pipelines: () => readonly Pipeline[]
  readonly #now: () => number
  readonly #totals: Totals[] = []

  constructor(pipelines: () => readonly Pipeline[], now: () => number) {
    this.#pipelines = pipelines
    this.#now = now
    this.record()
  }

  /** Takes a look; call it every `historyStepMs`. */
  record(): void {
    const byArrow = new Map<string, number>()
    for (const pipeline of this.#pipelines()) {
      const accounts = pipeline.accounts()
      byArrow.set(intakeArrow(pipeline.name), all(accounts.intake.in))
      for (const [sink, account] of Object.entries(accounts.sinks)) byArrow.set(sinkArrow(pipeline.name, sink), all(account.delivered))
    }
    this.#totals.push({ atMs: this.#now(), byArrow })
    if (this.#totals.length > historyLength + 1) this.#totals.shift()
  }

  rate(arrow: string): ArrowRate {
    const history = this.#totals.slice(1).map((totals, i) => rateBetween(this.#totals[i]!, totals, arrow))
    const last = this.#totals.at(-1)
    const before = this.#totals.at(-1 - rateSteps) ?? this.#totals[0]
    return { perSecond: last === undefined || before === undefined ? 0 : rateBetween(before, last, arrow), history }
  }
}

export function intakeArrow(pipeline: string): string {
  return `${pipeline}>spool`
}

export function sinkArrow(pipeline: string, sink: string): string {
  return `${pipeline}>${sink}`
}

function rateBetween(before: Totals, after: Totals, arrow: string): number {
  const seconds = (after.atMs - before.atMs) / 1_000
  if (seconds <= 0) return 0
  const last = after.byArrow.get(arrow) ?? 0
  return Math.max(0, last - (before.byArrow.get(arrow) ?? last)) / seconds
}

function all(counts: Counts): number {
  return counts.samples + counts.histograms + counts.exemplars
}
