import { readPage, seriesKey } from '../corpus/read-page.js'
import { type WrittenSample, writtenSamples } from '../write-message.js'

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
  readonly index: number
}

/** What arrived of one target for one time. */
interface Scrape {
  readonly values: Float64Array
  /** 0 nothing, 1 a value, 2 a staleness marker. */
  readonly seen: Uint8Array
  count: number
}

/** Some units of the last place. */
const roundingError = 2 ** -50

/** `up` and its like. */
const automatic = /^(up|scrape_[a-z_]+)$/

/** Compares requests with the pages that were served, sample by sample. */
export class DeliveryCheck {
  readonly #index = new Map<string, number>()
  readonly #versions: Scrape[]
  readonly #known = new Map<string, Known>()
  /** By target, then by time. */
  readonly #scrapes = new Map<string, Map<number, Scrape>>()
  #samples = 0

  constructor(pages: readonly Uint8Array[]) {
    const read = pages.map(readPage)
    for (const page of read) for (const key of page.keys()) if (!this.#index.has(key)) this.#index.set(key, this.#index.size)
    this.#versions = read.map((page) => {
      const scrape = this.#emptyScrape()
      for (const [key, value] of page) put(scrape, this.#index.get(key) ?? -1, value)
      return scrape
    })
  }

  /** Takes a request as it came. Throws where it is no request, or holds a series that no page has. */
  add(body: Uint8Array): void {
    for (const sample of writtenSamples(body)) {
      this.#samples++
      const { instance, index } = this.#knownBy(sample.labels)
      const scrape = this.#scrapeOf(instance, sample.timestampMs)
      if (index < 0) continue
      if (scrape.seen[index] !== 0) throw new Error(`two samples of one series and time: ${JSON.stringify(sample)}`)
      put(scrape, index, sample.value)
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
    for (const [instance, byTime] of this.#scrapes) {
      const inOrder = [...byTime]
        .sort(([a], [b]) => a - b)
        .map(([timeMs, scrape]) => ({ timeMs, scrape, version: this.#versionOf(scrape) }))
      // A target's end is markers alone, which some agents write when they stop; before it, one scrape may be incomplete.
      while (inOrder.at(-1)?.scrape.count === 0) inOrder.pop()
      if (inOrder.at(-1)?.version === undefined) inOrder.pop()
      let wanted: number | undefined
      for (const { timeMs, scrape, version } of inOrder) {
        if (scrape.count === 0) {
          failed++
          continue
        }
        if (version === undefined) throw new Error(`${instance}: ${this.#describe(scrape, wanted)}`)
        const { length } = this.#versions
        unseen += wanted === undefined ? 0 : (version - wanted + length) % length
        wanted = (version + 1) % length
        inexact += inexactValues(scrape, this.#versions[version]!)
        scrapedMs.push(timeMs)
      }
    }
    return { scrapedMs, failed, unseen, inexact, samples: this.#samples }
  }

  #versionOf(scrape: Scrape): number | undefined {
    const version = this.#versions.findIndex((one) => isVersion(scrape, one))
    return version < 0 ? undefined : version
  }

  #describe(scrape: Scrape, wanted = 0): string {
    const version = this.#versions[wanted]!
    const wrong = [...this.#index].filter(([, i]) => !isClose(scrape.values[i]!, version.values[i]!))
    const [key, i] = wrong[0] ?? ['', 0]
    const example = `${JSON.stringify(key)} is ${scrape.values[i]}, on the page ${version.values[i]}`
    return `a scrape is no version of the page: of version ${wanted}, ${wrong.length} series differ, such as ${example}`
  }

  #knownBy(labels: WrittenSample['labels']): Known {
    const text = labels.join('\n')
    const known = this.#known.get(text) ?? this.#resolve(labels)
    this.#known.set(text, known)
    return known
  }

  #resolve(labels: WrittenSample['labels']): Known {
    const { __name__: name = '', job: _job, instance = '', ...rest } = Object.fromEntries(labels)
    const index = this.#index.get(seriesKey(name, Object.entries(rest)))
    if (index === undefined && !automatic.test(name)) throw new Error(`no page has this series: ${JSON.stringify(labels)}`)
    return { instance, index: index ?? -1 }
  }

  #scrapeOf(instance: string, timestampMs: number): Scrape {
    const byTime = this.#scrapes.get(instance) ?? new Map<number, Scrape>()
    this.#scrapes.set(instance, byTime)
    const scrape = byTime.get(timestampMs) ?? this.#emptyScrape()
    byTime.set(timestampMs, scrape)
    return scrape
  }

  #emptyScrape(): Scrape {
    return { values: new Float64Array(this.#index.size).fill(Number.NaN), seen: new Uint8Array(this.#index.size), count: 0 }
  }
}

function put(scrape: Scrape, index: number, value: number): void {
  // No page of the corpus has a NaN: what is one is a marker.
  scrape.seen[index] = Number.isNaN(value) ? 2 : 1
  scrape.values[index] = value
  if (!Number.isNaN(value)) scrape.count++
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
