import { type Pipeline, totalOf } from '@promline/core'

/** Five seconds: ten minutes are 120 points, enough for a sparkline, and a look costs next to nothing. */
export const historyStepMs = 5_000
/** Ten minutes, what the page draws. */
const historyLength = 120
/** Ten seconds. */
const rateSteps = 2

/** Samples that passed an arrow of the drawing since the start. */
interface Totals {
  readonly atMs: number
  readonly byArrow: ReadonlyMap<string, number>
}

/** What an arrow of the flow carries, in samples per second over ten seconds: a single step would show how scrapes fall into steps. */
export interface ArrowRate {
  /** Now. */
  readonly perSecond: number
  /** At the end of each step of the last ten minutes, oldest first. */
  readonly history: readonly number[]
}

/** Remembers what passed each arrow, so that the page can draw rates from the moment it opens. */
export class FlowHistory {
  readonly #pipelines: () => readonly Pipeline[]
  readonly #now: () => number
  /** The first stands for the start, when nothing had passed. */
  readonly #totals: Totals[]

  /** @param pipelines is asked from the first `record` on, not before. */
  constructor(pipelines: () => readonly Pipeline[], now: () => number) {
    this.#pipelines = pipelines
    this.#now = now
    this.#totals = [{ atMs: now(), byArrow: new Map() }]
  }

  /** Takes a look; call it every `historyStepMs`. */
  record(): void {
    const byArrow = new Map<string, number>()
    for (const pipeline of this.#pipelines()) {
      const accounts = pipeline.accounts()
      byArrow.set(intakeArrow(pipeline.name), totalOf(accounts.intake.in))
      for (const [sink, account] of Object.entries(accounts.sinks)) byArrow.set(sinkArrow(pipeline.name, sink), totalOf(account.delivered))
    }
    this.#totals.push({ atMs: this.#now(), byArrow })
    if (this.#totals.length > historyLength + 1) this.#totals.shift()
  }

  rate(arrow: string): ArrowRate {
    const history = this.#totals.slice(1).map((after, i) => rateBetween(this.#totals[Math.max(0, i + 1 - rateSteps)]!, after, arrow))
    return { perSecond: history.at(-1) ?? 0, history }
  }
}

/** Names the arrow into a pipeline's spool. */
export function intakeArrow(pipeline: string): string {
  return `${pipeline}>spool`
}

/** Names the arrow from a pipeline's spool to a sink. */
export function sinkArrow(pipeline: string, sink: string): string {
  return `${pipeline}>${sink}`
}

/** With two decimals: more is not drawn. What was not there before had carried nothing. */
function rateBetween(before: Totals, after: Totals, arrow: string): number {
  const seconds = (after.atMs - before.atMs) / 1_000
  if (seconds <= 0) return 0
  const passed = (after.byArrow.get(arrow) ?? 0) - (before.byArrow.get(arrow) ?? 0)
  return Math.max(0, Math.round((passed / seconds) * 100) / 100)
}
