import type { Clock } from '../model/clock.js'

/** Prometheus' ScrapeTimestampTolerance: how far a timestamp may be moved onto its ideal tick, which makes it compress well. */
const maxAlignmentMs = 2

export interface ScrapeLoopOptions {
  readonly intervalMs: number
  /** Ticks are where `wall clock % intervalMs` is this; undefined: the first at once. */
  readonly offsetMs: number | undefined
  /** Its timers may be up to `maxAlignmentMs` early. */
  readonly clock: Clock
  /** Never rejects. */
  readonly scrape: (timestampMs: number) => Promise<void>
  /** Ticks that found the scrape before them still running, or this process too busy to see them. */
  readonly onSkipped: (count: number) => void
}

/** Calls a scrape at every tick. Scrapes never overlap: a tick that finds one running is skipped. Ticks are monotonic. */
export class ScrapeLoop {
  readonly #options: ScrapeLoopOptions
  /** The monotonic and the wall time of tick 0. */
  readonly #startMs: number
  #wallStartMs: number
  #next = 0
  #running: Promise<void> | undefined
  #cancel: () => void = () => {}
  #stopped = false
  readonly #onTick = (): void => this.#tick()

  constructor(options: ScrapeLoopOptions) {
    this.#options = options
    const { clock, intervalMs, offsetMs } = options
    const wallMs = clock.nowMs()
    const phase = offsetMs === undefined ? 0 : (offsetMs - wallMs) % intervalMs
    const delayMs = phase < 0 ? phase + intervalMs : phase
    this.#startMs = clock.monotonicMs() + delayMs
    this.#wallStartMs = wallMs + delayMs
  }

  /** Does nothing once it was stopped. */
  start(): void {
    if (!this.#stopped) this.#arm()
  }

  /** Stops ticking. Resolves when the scrape that runs, if any, is over. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#running
  }

  /** The next tick. */
  next(): { readonly delayMs: number; readonly timestampMs: number } {
    const { clock, intervalMs } = this.#options
    const delayMs = Math.max(0, this.#startMs + this.#next * intervalMs - clock.monotonicMs())
    return { delayMs, timestampMs: this.#wallStartMs + this.#next * intervalMs }
  }

  #arm(): void {
    this.#cancel = this.#options.clock.schedule(this.next().delayMs, this.#onTick)
  }

  #tick(): void {
    if (this.#stopped) return
    const { clock, intervalMs, onSkipped } = this.#options
    const elapsedMs = clock.monotonicMs() - this.#startMs
    const tick = Math.max(this.#next, Math.floor(elapsedMs / intervalMs))
    const missed = tick - this.#next
    const skipped = missed + (this.#running === undefined ? 0 : 1)
    this.#next = tick + 1
    if (skipped > 0) onSkipped(skipped)
    if (this.#running === undefined) this.#scrape(this.#timestampOf(tick, elapsedMs - tick * intervalMs))
    this.#arm()
  }

  #scrape(timestampMs: number): void {
    this.#running = this.#options.scrape(timestampMs).finally(() => {
      this.#running = undefined
    })
  }

  /** The wall time of a tick, or the ideal one where they are within the tolerance of each other. */
  #timestampOf(tick: number, lateMs: number): number {
    const { clock, intervalMs } = this.#options
    const wallMs = clock.nowMs()
    let idealMs = this.#wallStartMs + tick * intervalMs
    // The wall clock was set: the ideal ticks move with it. Both clocks are read in turn and rounded, hence the tolerance.
    const movedMs = Math.round(wallMs - lateMs - idealMs)
    if (Math.abs(movedMs) > maxAlignmentMs) {
      this.#wallStartMs += movedMs
      idealMs += movedMs
    }
    return Math.abs(wallMs - idealMs) <= Math.min(intervalMs / 100, maxAlignmentMs) ? idealMs : wallMs
  }
}
