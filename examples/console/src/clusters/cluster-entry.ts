import { Arrivals } from './arrivals.js'
import type { Share } from './list-shares.js'

/** What is assumed as long as no list has come again: Prometheus' own default. */
const assumedIntervalMs = 60_000
/** So many scrape intervals without anything, and a cluster is silent: one may be late, and one lost. */
const silentIntervals = 3
/** But never sooner: a sender that joins what it sends waits some seconds for more. */
const minSilentMs = 10_000
/** How late a list may come, in intervals and beyond, and still be one that comes again. */
const lateIntervals = 1.5
const lateMs = 2_000
/** The shortest interval is that of the last minutes, so that one that becomes longer is noticed. */
const epochMs = 120_000
/** Lists that do not come any more are let go of this often. */
const sweepMs = 5_000
/** Names of clients that are kept. Behind a load balancer without credentials every address is one. */
const maxClients = 8

/** A batch that comes. */
export interface Arrival {
  /** The origin, where it is a client of a receiver. */
  readonly client: string | undefined
  readonly atMs: number
}

interface RecentList {
  series: number
  lastMs: number
  /** By its timestamps. */
  newestMs: number
  intervalMs: number | undefined
}

/** What one pipeline sees of one cluster. */
export class ClusterEntry {
  readonly pipeline: string
  readonly cluster: string
  readonly #arrivals = new Arrivals()
  /** By their first series. */
  readonly #lists = new Map<string, RecentList>()
  /** By the last arrival, the latest at the end. */
  readonly #clients = new Set<string>()
  #lastClient: string | undefined
  #newestMs = 0
  #shortest = { sinceMs: 0, nowMs: Number.POSITIVE_INFINITY, beforeMs: Number.POSITIVE_INFINITY }
  #sweepAtMs = 0

  constructor(pipeline: string, cluster: string) {
    this.pipeline = pipeline
    this.cluster = cluster
  }

  /** When something came last, wall clock. */
  get lastSeenMs(): number {
    return this.#arrivals.lastMs
  }

  /** The newest timestamp of a sample. */
  get newestMs(): number {
    return this.#newestMs
  }

  /** Clients of the receiver that wrote lately, in the order of their names. */
  get clients(): readonly string[] {
    return [...this.#clients].sort()
  }

  /** Between two scrapes, by the timestamps of lists that come again: the shortest lately. Undefined as long as none has. */
  get intervalMs(): number | undefined {
    const { nowMs, beforeMs } = this.#shortest
    const shortest = Math.min(nowMs, beforeMs)
    return shortest === Number.POSITIVE_INFINITY ? undefined : shortest
  }

  /** Without anything for this long it is silent. */
  get silentAfterMs(): number {
    return Math.max(minSilentMs, silentIntervals * (this.intervalMs ?? assumedIntervalMs))
  }

  /** Takes note of a part of a batch whose newest timestamp is `newestMs`. */
  add({ first, count }: Share, newestMs: number, { client, atMs }: Arrival): void {
    this.#arrivals.add(count, atMs)
    this.#newestMs = Math.max(this.#newestMs, newestMs)
    if (client !== undefined && client !== this.#lastClient) this.#noteClient(client)
    const known = this.#lists.get(first)
    if (known === undefined) this.#lists.set(first, { series: count, lastMs: atMs, newestMs, intervalMs: undefined })
    else this.#renew(known, { count, newestMs, atMs })
    if (atMs >= this.#sweepAtMs) this.#sweep(atMs)
  }

  samplesPerSecond(nowMs: number): number {
    return this.#arrivals.perSecond(nowMs)
  }

  /** Series that are scraped now: those of the lists whose next samples are not overdue. */
  activeSeries(nowMs: number): number {
    this.#sweep(nowMs)
    let series = 0
    for (const list of this.#lists.values()) series += list.series
    return series
  }

  #renew(list: RecentList, { count, newestMs, atMs }: { readonly count: number; readonly newestMs: number; readonly atMs: number }): void {
    const stepMs = newestMs - list.newestMs
    if (stepMs > 0) {
      list.intervalMs = stepMs
      this.#noteInterval(stepMs, atMs)
    }
    list.series = count
    list.lastMs = atMs
    list.newestMs = newestMs
  }

  #noteClient(client: string): void {
    this.#lastClient = client
    this.#clients.delete(client)
    this.#clients.add(client)
    for (const oldest of this.#clients) {
      if (this.#clients.size <= maxClients) break
      this.#clients.delete(oldest)
    }
  }

  #noteInterval(stepMs: number, atMs: number): void {
    if (atMs - this.#shortest.sinceMs >= epochMs) {
      this.#shortest = { sinceMs: atMs, nowMs: Number.POSITIVE_INFINITY, beforeMs: this.#shortest.nowMs }
    }
    this.#shortest.nowMs = Math.min(this.#shortest.nowMs, stepMs)
  }

  #sweep(nowMs: number): void {
    this.#sweepAtMs = nowMs + sweepMs
    const { intervalMs = assumedIntervalMs } = this
    for (const [first, { lastMs, intervalMs: own }] of this.#lists) {
      // Where a list begins that came once only, the next may be cut in another way: it is not waited for.
      const dueMs = own === undefined ? intervalMs : lateIntervals * own
      if (nowMs - lastMs > dueMs + lateMs) this.#lists.delete(first)
    }
  }
}
