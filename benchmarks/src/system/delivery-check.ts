import { WriteReader, type WrittenSample } from '../write-message.js'
import { putSample, type Scrape, type ServedPages } from './served-pages.js'

/** What arrived. */
export interface Delivery {
  /** When each scrape was made that arrived in full, every value that of the page. */
  readonly scrapedMs: readonly number[]
  /** Scrapes that the agent gave up, and said so: on a busy machine a page can take longer than the interval. */
  readonly failed: number
  /** Versions that were served between two that arrived, and did not. */
  readonly unseen: number
  /** Values that are the page's but for the last bits. */
  readonly inexact: number
  /** All samples, automatic ones and staleness markers among them. */
  readonly samples: number
}

/** What is known of a series by the labels that arrived. */
interface Known {
  readonly instance: string
  /** Its place in the columns; -1 for what no page has, because agents add it themselves. */
  readonly place: number
}

/** Some units of the last place. */
const roundingError = 2 ** -50

/** `up` and its like. */
const automatic = /^(up|scrape_[a-z_]+)$/

/** Compares requests with the pages that were served, sample by sample. */
export class DeliveryCheck {
  readonly #served: ServedPages
  readonly #reader = new WriteReader()
  readonly #known = new Map<WrittenSample['labels'], Known>()
  /** By target, then by time. */
  readonly #scrapes = new Map<string, Map<number, Scrape>>()
  #samples = 0
  #values = 0

  constructor(served: ServedPages) {
    this.#served = served
  }

  /** Values of the pages' series that arrived so far. */
  get values(): number {
    return this.#values
  }

  /** Takes a request as it came. Throws where it is no request, or holds a series that no page has. */
  add(body: Uint8Array): void {
    for (const sample of this.#reader.samples(body)) {
      this.#samples++
      const { instance, place } = this.#knownBy(sample.labels)
      const scrape = this.#scrapeOf(instance, sample.timestampMs)
      if (place < 0) continue
      if (scrape.seen[place] !== 0) throw new Error(`two samples of one series and time: ${JSON.stringify(sample)}`)
      putSample(scrape, place, sample.value)
      if (!Number.isNaN(sample.value)) this.#values++
    }
  }

  /**
   * Throws unless each scrape is a version of the page. What comes last may be cut off, for the agent was stopped. Whether `unseen` is
   * explained by what failed is for those to say who know what was served.
   */
  finish(): Delivery {
    const scrapedMs: number[] = []
    let failed = 0
    let unseen = 0
    let inexact = 0
    const { versions } = this.#served
    for (const [instance, byTime] of this.#scrapes) {
      let wanted: number | undefined
      for (const { timeMs, scrape, version } of this.#inOrder(byTime)) {
        if (scrape.count === 0) {
          failed++
          continue
        }
        if (version === undefined) throw new Error(`${instance}: ${this.#describe(scrape, wanted)}`)
        unseen += wanted === undefined ? 0 : (version - wanted + versions.length) % versions.length
        wanted = (version + 1) % versions.length
        inexact += inexactValues(scrape, versions[version]!)
        scrapedMs.push(timeMs)
      }
    }
    return { scrapedMs, failed, unseen, inexact, samples: this.#samples }
  }

  /** The scrapes of a target, but for its end: markers alone, which some agents write when they stop, and before it one that is cut off. */
  #inOrder(byTime: ReadonlyMap<number, Scrape>): { timeMs: number; scrape: Scrape; version: number | undefined }[] {
    const inOrder = [...byTime].sort(([a], [b]) => a - b).map(([timeMs, scrape]) => ({ timeMs, scrape, version: this.#versionOf(scrape) }))
    while (inOrder.at(-1)?.scrape.count === 0) inOrder.pop()
    if (inOrder.at(-1)?.version === undefined) inOrder.pop()
    return inOrder
  }

  #versionOf(scrape: Scrape): number | undefined {
    const version = this.#served.versions.findIndex((one) => isVersion(scrape, one))
    return version < 0 ? undefined : version
  }

  #describe(scrape: Scrape, wanted = 0): string {
    const { values } = this.#served.versions[wanted]!
    const wrong = [...values.keys()].filter((place) => !isClose(scrape.values[place]!, values[place]!))
    const [place = 0] = wrong
    const example = `${JSON.stringify(this.#served.keyAt(place))} is ${scrape.values[place]}, on the page ${values[place]}`
    return `a scrape is no version of the page: of version ${wanted}, ${wrong.length} series differ, such as ${example}`
  }

  #knownBy(labels: WrittenSample['labels']): Known {
    const known = this.#known.get(labels) ?? this.#resolve(labels)
    this.#known.set(labels, known)
    return known
  }

  #resolve(labels: WrittenSample['labels']): Known {
    const { __name__: name = '', job: _job, instance = '', ...rest } = Object.fromEntries(labels)
    const place = this.#served.placeOf(name, Object.entries(rest))
    if (place === undefined && !automatic.test(name)) throw new Error(`no page has this series: ${JSON.stringify(labels)}`)
    return { instance, place: place ?? -1 }
  }

  #scrapeOf(instance: string, timestampMs: number): Scrape {
    const byTime = this.#scrapes.get(instance) ?? new Map<number, Scrape>()
    this.#scrapes.set(instance, byTime)
    const scrape = byTime.get(timestampMs) ?? this.#served.emptyScrape()
    byTime.set(timestampMs, scrape)
    return scrape
  }
}

/** Whether these are the values of a version, and markers only of what it does not have. */
function isVersion(scrape: Scrape, version: Scrape): boolean {
  if (scrape.count !== version.count) return false
  for (let i = 0; i < version.values.length; i++) if (!isClose(scrape.values[i]!, version.values[i]!)) return false
  return true
}

function inexactValues(scrape: Scrape, version: Scrape): number {
  return scrape.values.reduce((count, value, i) => (Object.is(value, version.values[i]) ? count : count + 1), 0)
}

/** The same number, or one that a parser made of its digits in floating point, each step rounded. */
function isClose(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= Math.abs(b) * roundingError
}
