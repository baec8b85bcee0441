import type { Clock } from '../model/clock.js'
import { maxTimerMs } from '../model/duration.js'
import type { Consume } from '../model/flow.js'
import type { Logger } from '../model/logger.js'
import type { MetadataTable } from '../model/metadata.js'
import type { TargetStatus } from './scrape-config.js'
import type { ScrapeInstruments } from './scrape-instruments.js'
import { labelsKey, type ScrapeJob, targetKey } from './scrape-job.js'
import { ScrapeLoop } from './scrape-loop.js'
import { scrapeOffsetMs, slotMsOf } from './spread.js'
import { TargetScraper, type TargetSettings } from './target-scraper.js'
import type { SharedParts } from './warm/shared-parts.js'

export interface ScrapePoolOptions {
  readonly clock: Clock
  /** The clock of the loops: of all targets, so that scrapes that are due together take one timer. */
  readonly ticks: Clock
  readonly logger: Logger
  readonly instruments: ScrapeInstruments
  readonly seed: string
  readonly scrapeAtOnce: boolean
  readonly fastPath: boolean
  readonly webAssembly: boolean
  /** Of all targets: most of them say the same of the same families. */
  readonly metadata: MetadataTable
  /** Of all targets: many of them show the same lines. */
  readonly parts: SharedParts
}

/** A target of the pool. */
interface Member {
  readonly scraper: TargetScraper
  /** Undefined while the pool does not run. */
  loop: ScrapeLoop | undefined
  /** Resolves when no scrape of loops before runs any more; undefined where there were none. */
  ended: Promise<void> | undefined
}

/** A target that a reload removed; its series are marked as ended when this is due. */
interface Leaver {
  readonly member: Member
  readonly cancel: () => void
}

/** The consumer and its signal, while the pool runs. */
interface Run {
  readonly consume: Consume
  readonly signal: AbortSignal
}

/** The targets of one job and their loops. */
export class ScrapePool {
  readonly #options: ScrapePoolOptions
  #job: ScrapeJob
  #members: Member[]
  readonly #leavers = new Set<Leaver>()
  #run: Run | undefined

  constructor(job: ScrapeJob, options: ScrapePoolOptions) {
    this.#options = options
    this.#job = job
    this.#members = job.settings.map((settings) => this.#createMember(settings))
  }

  statuses(): TargetStatus[] {
    return this.#members.map(({ scraper }) => scraper.status())
  }

  start(run: Run): void {
    this.#run = run
    for (const member of this.#members) this.#startLoop(member, this.#options.scrapeAtOnce)
  }

  /** Resolves when no scrape runs any more. As in Prometheus, nothing is marked as ended: the process may be back soon. */
  async stop(): Promise<void> {
    this.#run = undefined
    const members = [...this.#members, ...[...this.#leavers].map(({ member }) => member)]
    for (const { cancel } of this.#leavers) cancel()
    this.#leavers.clear()
    await Promise.all(members.map(async (member) => endLoop(member)))
    await this.#job.client.close()
  }

  /** A reload: targets that stay keep what is known of them and their place in time, those that go are marked as ended, later. */
  apply(job: ScrapeJob): void {
    const old = this.#job
    const before = [...this.#members, ...[...this.#leavers].map(({ member }) => member)]
    this.#job = job
    this.#members = this.#matchMembers(before, job.settings)
    for (const member of before) if (!this.#members.includes(member)) this.#leave(member)
    // Scrapes under way end on the old client first.
    old.client.close().catch((error: unknown) => this.#options.logger.warn({ error }, 'an HTTP client did not close cleanly'))
  }

  /** Removes all targets. Resolves at once: their end is marked later. */
  retire(): void {
    this.apply({ ...this.#job, settings: [] })
  }

  /** Finds for each of the settings the member that had the same target, or at least one with the same labels. */
  #matchMembers(before: readonly Member[], all: readonly TargetSettings[]): Member[] {
    const free = new Set(before)
    const found = new Map<TargetSettings, Member>()
    for (const keyOf of [targetKey, labelsKey]) {
      const byKey = new Map([...free].map((member) => [keyOf(member.scraper.target), member]))
      for (const settings of all) {
        const key = keyOf(settings.target)
        const member = found.has(settings) ? undefined : byKey.get(key)
        if (member === undefined) continue
        found.set(settings, member)
        byKey.delete(key)
        free.delete(member)
      }
    }
    return all.map((settings) => {
      const member = found.get(settings)
      return member === undefined ? this.#join(settings) : this.#renew(member, settings)
    })
  }

  #createMember(settings: TargetSettings): Member {
    return { scraper: new TargetScraper(settings, this.#options), loop: undefined, ended: undefined }
  }

  #join(settings: TargetSettings): Member {
    const member = this.#createMember(settings)
    if (this.#run !== undefined) this.#startLoop(member, this.#options.scrapeAtOnce)
    return member
  }

  #renew(member: Member, settings: TargetSettings): Member {
    const sameInterval = member.scraper.target.intervalMs === settings.target.intervalMs
    member.scraper.update(settings)
    for (const leaver of this.#leavers) {
      if (leaver.member !== member) continue
      leaver.cancel()
      this.#leavers.delete(leaver)
    }
    if (this.#run !== undefined && (member.loop === undefined || !sameInterval)) this.#startLoop(member, false)
    return member
  }

  /** Starts ticking, after the scrape of a loop before, if one still runs. */
  #startLoop(member: Member, atOnce: boolean): void {
    const { ticks, seed } = this.#options
    const before = endLoop(member)
    const { target } = member.scraper
    const loop = new ScrapeLoop({
      intervalMs: target.intervalMs,
      offsetMs: atOnce
        ? undefined
        : slotMsOf(scrapeOffsetMs(target, seed), { intervalMs: target.intervalMs, targets: this.#job.settings.length }),
      clock: ticks,
      scrape: (timestampMs) => this.#scrape(member, timestampMs),
      onSkipped: (count) => member.scraper.countSkipped(count),
    })
    member.loop = loop
    if (before === undefined) loop.start()
    else void before.then(() => (member.loop === loop ? loop.start() : undefined))
  }

  async #scrape(member: Member, timestampMs: number): Promise<void> {
    if (this.#run === undefined) return
    try {
      await member.scraper.scrape(timestampMs, this.#run.consume, this.#run.signal)
    } catch (error) {
      // Nothing that a target or a consumer does comes here: it would be a fault of promline, and must not stop the loop.
      this.#options.logger.error({ error, url: member.scraper.status().url }, 'a scrape ended in an unexpected error')
    }
  }

  /**
   * As Prometheus: the end is marked with the time of the scrape that would have come, but only two intervals and a bit later, so that
   * a target that comes back in between goes on without a gap.
   */
  #leave(member: Member): void {
    const { loop, scraper } = member
    if (loop === undefined) return
    const { delayMs, timestampMs } = loop.next()
    const stopped = endLoop(member)
    const waitMs = Math.min(delayMs + scraper.target.intervalMs * 1.1, maxTimerMs)
    const leaver: Leaver = {
      member,
      cancel: this.#options.clock.schedule(waitMs, () => {
        this.#leavers.delete(leaver)
        const run = this.#run
        if (run !== undefined) void stopped?.then(() => scraper.markEnd(timestampMs, run.consume, run.signal))
      }),
    }
    this.#leavers.add(leaver)
  }
}

/** Stops ticking. The promise settles when no scrape of the member runs any more; undefined where none ever did. */
function endLoop(member: Member): Promise<void> | undefined {
  const { loop, ended } = member
  if (loop === undefined) return ended
  member.loop = undefined
  // Loops may end while the scrape of one before them still waits to be stored.
  const stopped = loop.stop()
  member.ended = ended === undefined ? stopped : ended.then(() => stopped)
  return member.ended
}
