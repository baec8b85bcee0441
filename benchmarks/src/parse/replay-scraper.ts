import {
  type Batch,
  type BodyConsumer,
  type Clock,
  createScrapeSource,
  type HttpClient,
  type HttpResponse,
  validateScrapeConfig,
} from '@promline/core'

const address = 'bench:9100'
/** As much as Node reads from a socket at once. */
const pieceBytes = 65_536
const head = { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } } as const
const noBytes = new Uint8Array(0)

/**
 * Promline's scraper of one target, from the body that its HTTP client gave to the batch that it hands on, without the network and without
 * waiting: everything that a scrape costs but the transfer.
 */
export class ReplayScraper {
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #page: Uint8Array = new Uint8Array(0)
  #nowMs = 1_704_067_200_000
  #tick: () => void = () => {}
  #take: (batch: Batch) => void = () => {}

  constructor(options: { readonly webAssembly?: boolean } = {}) {
    const source = createScrapeSource({
      configs: [validateScrapeConfig({ jobName: 'bench', scrapeIntervalMs: 1000, staticConfigs: [{ targets: [address] }] })],
      scrapeAtOnce: true,
      ...options,
      clock: this.#clock(),
      createClient: () => this.#client(),
    })
    const consume = async (batch: Batch) => {
      this.#take(batch)
      return { status: 'spooled' } as const
    }
    this.#running = source.run(consume, { signal: this.#stop.signal })
  }

  /** One scrape, a second after the one before; resolves when the scraper is ready for the next. */
  async scrape(page: Uint8Array): Promise<Batch> {
    this.#page = page
    const taken = new Promise<Batch>((resolve) => {
      this.#take = resolve
    })
    this.#tick()
    const batch = await taken
    // What the scraper does once its batch is taken: a few turns of the microtask queue.
    await new Promise((resolve) => setImmediate(resolve))
    return batch
  }

  close(): Promise<void> {
    this.#stop.abort()
    return this.#running
  }

  /** Its one timer fires when a scrape is asked for, and the time is then what it waited for. */
  #clock(): Clock {
    return {
      nowMs: () => this.#nowMs,
      monotonicMs: () => this.#nowMs,
      schedule: (delayMs, callback) => {
        this.#tick = () => {
          this.#nowMs += delayMs
          callback()
        }
        return () => {}
      },
    }
  }

  #client(): HttpClient {
    return { request: ({ consume }) => this.#answer(consume?.(head)), close: async () => {} }
  }

  /** The page, whole or piece by piece as it would arrive. */
  async #answer(take: BodyConsumer | undefined): Promise<HttpResponse> {
    const page = this.#page
    if (take === undefined) return { ...head, body: page }
    for (let start = 0; start < page.length; start += pieceBytes) {
      const taken = take(page.subarray(start, start + pieceBytes))
      if (taken !== undefined) await taken
    }
    return { ...head, body: noBytes }
  }
}
