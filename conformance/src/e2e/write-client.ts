import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { createLabels } from '@promline/core'
import type { TimeSeries } from '@promline/remote-write'
import { waitFor } from '@promline/servers'
import { encodeWriteBody, writeHeaders } from './remote-write.js'

/** What became of one request. */
export type WriteOutcome = { readonly status: number; readonly text: string; readonly retryAfter?: string } | { readonly error: string }

export interface WriteClientOptions {
  /** The receiver's. */
  readonly url: string
  /** Tells this client's series from those of others. */
  readonly name: string
  readonly seriesPerRequest?: number
  /** Bytes of a label that make a request as large as the test wants it. */
  readonly padding?: number
  /** The client's own address, which makes it an origin of its own. Default 127.0.0.1; Linux takes all of 127.0.0.0/8 for loopback. */
  readonly localAddress?: string
  /** `name:password`. Default: none. */
  readonly credentials?: string
}

/**
 * A client of remote write with series of its own, whose values count up from 1: one sample for each series and request, and each with a
 * timestamp of its own. Like Prometheus it sends a request again until it is acknowledged.
 */
export class WriteClient {
  readonly url: string
  readonly name: string
  /** How many samples of each series the receiver has acknowledged; they have the values 1 to this. */
  acknowledged = 0
  /** Requests that were answered otherwise, or not at all. */
  readonly failures: WriteOutcome[] = []
  readonly #series: readonly TimeSeries['labels'][]
  readonly #localAddress: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #startMs = Date.now()

  constructor({ url, name, seriesPerRequest = 3, padding = 0, localAddress = '127.0.0.1', credentials }: WriteClientOptions) {
    this.url = url
    this.name = name
    this.#localAddress = localAddress
    const authorization = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    this.#headers = { ...writeHeaders, ...(authorization !== undefined && { authorization }) }
    const pad = 'p'.repeat(padding)
    this.#series = Array.from({ length: seriesPerRequest }, (_, i) =>
      createLabels({ __name__: 'written', client: name, series: `${i}`, ...(padding > 0 && { pad }) }),
    )
  }

  get seriesCount(): number {
    return this.#series.length
  }

  /** Sends the next value of each series until it is acknowledged: for a receiver that is about to listen, or to have room. */
  async untilAccepted(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    await waitFor('acknowledgement', async () => isAccepted(await this.write()), options)
  }

  /** Sends the next value of each series once. */
  async write(): Promise<WriteOutcome> {
    const value = this.acknowledged + 1
    const series = this.#series.map((labels): TimeSeries => {
      const samples = [{ value, stale: false, timestampMs: this.#startMs + value }]
      return { labels, samples, exemplars: [], histograms: [] }
    })
    const outcome = await this.#post(encodeWriteBody(series))
    if (isAccepted(outcome)) this.acknowledged = value
    else this.failures.push(outcome)
    return outcome
  }

  async #post(body: Uint8Array): Promise<WriteOutcome> {
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = request(this.url, { method: 'POST', headers: this.#headers, localAddress: this.#localAddress }, resolve)
        sent.on('error', reject).end(body)
      })
      const retryAfter = response.headers['retry-after']
      return { status: response.statusCode ?? 0, text: await text(response), ...(retryAfter !== undefined && { retryAfter }) }
    } catch (error) {
      return { error: String(error) }
    }
  }
}

/** Whether the receiver has taken the request. */
export function isAccepted(outcome: WriteOutcome): boolean {
  return 'status' in outcome && outcome.status === 204
}
