import type { Encoded, SendOutcome, Sink } from '../../delivery/sink.js'
import type { Batch } from '../../model/batch.js'

/** Stands before a sink's own `encode`, which it is given. */
export type EncodeBefore = (batches: readonly Batch[], encode: Sink<unknown>['encode']) => readonly Encoded<unknown>[]

/** A sink, and how many of its attempts are under way. */
export class WatchedSink implements Sink<unknown> {
  readonly name: string
  declare readonly maxBodyBytes?: number
  declare readonly maxInFlight?: number
  declare readonly maxSamplesPerSend?: number
  declare readonly prepare?: (options: { readonly signal: AbortSignal }) => Promise<SendOutcome>
  readonly #sink: Sink<unknown>
  readonly #before: EncodeBefore | undefined
  #sending = 0

  constructor(sink: Sink<unknown>, before: EncodeBefore | undefined) {
    this.#sink = sink
    this.#before = before
    this.name = sink.name
    const { maxBodyBytes, maxInFlight, maxSamplesPerSend } = sink
    if (maxBodyBytes !== undefined) this.maxBodyBytes = maxBodyBytes
    if (maxInFlight !== undefined) this.maxInFlight = maxInFlight
    if (maxSamplesPerSend !== undefined) this.maxSamplesPerSend = maxSamplesPerSend
    if (sink.prepare !== undefined) this.prepare = (options) => this.#count(async () => sink.prepare?.(options) ?? { status: 'delivered' })
  }

  /** Attempts under way, preparations among them. */
  get sending(): number {
    return this.#sending
  }

  encode(batches: readonly Batch[]): readonly Encoded<unknown>[] {
    return this.#before === undefined ? this.#sink.encode(batches) : this.#before(batches, (own) => this.#sink.encode(own))
  }

  send(body: unknown, options: { readonly signal: AbortSignal; readonly attempt: number }): Promise<SendOutcome> {
    return this.#count(() => this.#sink.send(body, options))
  }

  async close(): Promise<void> {
    await this.#sink.close?.()
  }

  async #count(attempt: () => Promise<SendOutcome>): Promise<SendOutcome> {
    this.#sending++
    try {
      return await attempt()
    } finally {
      this.#sending--
    }
  }
}
