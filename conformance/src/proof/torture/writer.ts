import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLabels, type Labels } from '@promline/core'
import type { TimeSeries } from '@promline/remote-write'
import { encodeWriteBody, writeHeaders } from '../../e2e/remote-write.js'

/** A client of a server that is away comes again soon: it should meet every moment of the start. */
const retryMs = 20
/** What a receiver says that could not take a request. */
const comeAgain = 503
/** Samples of a series in one request. */
const maxSamples = 3
/** The oldest sample is so old: a run of days has no sample of the future, which receivers refuse. */
const startsBeforeMs = 7 * 24 * 3_600_000
/** Sines of natural numbers do not come again, and use the whole mantissa. */
const amplitude = 1e6

export interface WriterOptions {
  /** Tells its series from those of others. */
  readonly name: string
  /** Where it writes from: clients of different addresses are different origins, and go through different lanes. */
  readonly localAddress: string
  readonly seriesCount: number
  /** Characters of a label that make a request as large as wanted. */
  readonly padding: number
  /** From the begin of a request to the next. Default 0: as fast as they are answered. */
  readonly everyMs?: number
  readonly random: () => number
}

/** A sample as a target got it. */
export interface ReceivedSample {
  readonly labels: Readonly<Record<string, string>>
  readonly timestampMs: number
  readonly value: number
}

/** What became of a request; without an answer nobody knows whether it was taken. */
type Answer = 'taken' | 'refused' | 'in doubt'

/** A request of the numbers `from` to `to` of each series. */
interface Portion {
  readonly from: number
  readonly to: number
}

/**
 * A client of remote write whose samples are numbered: number n of a series has the n-th timestamp, and a value that follows from series
 * and number. Like Prometheus it sends a request again until it is acknowledged.
 */
export class Writer {
  readonly name: string
  readonly seriesCount: number
  /** Where to write; undefined while there is nobody. */
  url: string | undefined
  /** Each series is acknowledged up to this number. */
  acknowledged = 0
  /** Each series was sent up to this number, if not acknowledged. */
  sent = 0
  /** Samples that were sent without being acknowledged, or refused, as often as that happened. */
  samplesInVain = 0
  /** Requests that were answered otherwise than with 2xx, or not at all. */
  failures = 0
  readonly #agent: Agent
  readonly #series: readonly Labels[]
  readonly #plain: readonly Readonly<Record<string, string>>[]
  readonly #startMs = Date.now() - startsBeforeMs
  readonly #random: () => number
  readonly #everyMs: number
  /** Numbers by how often they were sent without an answer. */
  readonly #inVain = new Map<number, number>()
  #running: Promise<void> | undefined
  #stopping = false

  constructor({ name, localAddress, seriesCount, padding, everyMs = 0, random }: WriterOptions) {
    this.name = name
    this.seriesCount = seriesCount
    this.#random = random
    this.#everyMs = everyMs
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress })
    const pad = 'p'.repeat(padding)
    this.#plain = Array.from({ length: seriesCount }, (_, i) => {
      return { __name__: 'tortured', client: name, series: `${i}`, ...(padding > 0 && { pad }) }
    })
    this.#series = this.#plain.map((labels) => createLabels(labels))
  }

  /** Writes until it is stopped. */
  start(): void {
    this.#stopping = false
    this.#running ??= this.#run()
  }

  /** Resolves when the request that is under way is answered, or has failed. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#running
    this.#running = undefined
  }

  close(): void {
    this.#agent.destroy()
  }

  /** How often a number was sent without an answer: so often the relay may have it more than once. */
  timesInVain(number: number): number {
    return this.#inVain.get(number) ?? 0
  }

  /** Notes numbers as sent without an answer. */
  noteInVain({ from, to }: Portion): void {
    this.samplesInVain += (to - from + 1) * this.seriesCount
    for (let number = from; number <= to; number++) this.#inVain.set(number, this.timesInVain(number) + 1)
  }

  /** A number of a series, as a target should get it. */
  sampleOf(series: number, number: number): ReceivedSample {
    const labels = this.#plain[series]
    if (labels === undefined) throw new Error(`client ${this.name} has no series ${series}`)
    return { labels, timestampMs: this.#startMs + number, value: numberedValue(series, number) }
  }

  /** The place of a sample of this client. Throws where it is not exactly what this client sent. */
  placeOf({ labels, timestampMs, value }: ReceivedSample): { series: number; number: number } {
    const series = Number(labels['series'])
    const number = timestampMs - this.#startMs
    const known = this.#plain[series]
    const isSent = known !== undefined && areSame(labels, known) && number >= 1 && number <= this.sent
    if (!isSent || !Object.is(value, numberedValue(series, number))) {
      throw new Error(`altered, or never sent: ${JSON.stringify(labels)} ${value} at ${timestampMs} (number ${number})`)
    }
    return { series, number }
  }

  async #run(): Promise<void> {
    let portion: Portion | undefined
    while (!this.#stopping) {
      if (this.url === undefined) {
        await sleep(retryMs)
        continue
      }
      // What is in doubt is sent again as it was, until it is acknowledged.
      portion ??= { from: this.acknowledged + 1, to: Math.max(this.sent, this.acknowledged + 1 + Math.floor(this.#random() * maxSamples)) }
      const began = performance.now()
      if (await this.#write(this.url, portion)) {
        portion = undefined
        if (this.#everyMs > 0) await sleep(Math.max(0, began + this.#everyMs - performance.now()))
      } else await sleep(retryMs)
    }
  }

  async #write(url: string, portion: Portion): Promise<boolean> {
    this.sent = Math.max(this.sent, portion.to)
    const answer = await this.#post(url, encodeWriteBody(this.#timeSeries(portion)))
    if (answer === 'taken') {
      this.acknowledged = portion.to
      return true
    }
    this.failures++
    if (answer === 'in doubt') this.noteInVain(portion)
    return false
  }

  #timeSeries({ from, to }: Portion): TimeSeries[] {
    return this.#series.map((labels, series) => {
      const samples = Array.from({ length: to - from + 1 }, (_, i) => {
        return { value: numberedValue(series, from + i), stale: false, timestampMs: this.#startMs + from + i }
      })
      return { labels, samples, exemplars: [], histograms: [] }
    })
  }

  #post(url: string, body: Uint8Array): Promise<Answer> {
    const headers = { ...writeHeaders, 'content-length': body.length }
    return new Promise((resolve) => {
      const sending = request(url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        response.on('error', () => resolve('in doubt'))
        // A status is an answer only when all of it came.
        response.resume().on('end', () => resolve(answerOf(response.statusCode ?? 0)))
        response.on('close', () => resolve('in doubt'))
      })
      // Where nobody listens nothing was sent.
      sending.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'in doubt'))
      sending.end(body)
    })
  }
}

function answerOf(status: number): Answer {
  if (status >= 200 && status < 300) return 'taken'
  return status === comeAgain ? 'refused' : 'in doubt'
}

function numberedValue(series: number, number: number): number {
  return Math.sin(number + series / 1_000) * amplitude
}

function areSame(some: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(some)
  return names.length === Object.keys(others).length && names.every((name) => some[name] === others[name])
}
