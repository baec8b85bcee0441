import type { Encoded, SendOutcome, Sink } from '../delivery/sink.js'
import { addCounts, type Batch, countsOf, totalOf, zeroCounts } from '../model/batch.js'

/** What a memory sink sends: the batches themselves. */
export type MemoryBody = readonly Batch[]

/** One attempt, as the sink saw it. */
export interface MemorySend {
  readonly batches: MemoryBody
  /** 0 for the first attempt with this body. */
  readonly attempt: number
  readonly signal: AbortSignal
}

/** What becomes of a send: an outcome, or what gives one. A throw is one as well. */
export type MemoryAnswer = SendOutcome | ((send: MemorySend) => SendOutcome | Promise<SendOutcome>)

export interface MemorySinkOptions {
  /** Default `memory`. */
  readonly name?: string
  /** Answers to the sends, in their order; when they are used up, sends are delivered. */
  readonly script?: readonly MemoryAnswer[]
  /** Answers to sends beyond the script. Default: delivered. */
  readonly otherwise?: MemoryAnswer
  /** A sample is this many bytes. Default 16. */
  readonly bytesPerSample?: number
  readonly maxBodyBytes?: number
  readonly maxInFlight?: number
  readonly prepare?: (options: { readonly signal: AbortSignal }) => Promise<SendOutcome>
  /** Takes the place of the encoder: one part named `memory` with all batches. */
  readonly encode?: (batches: readonly Batch[]) => readonly Encoded<MemoryBody>[]
}

/** A sink that keeps what it is sent. */
export interface MemorySink extends Sink<MemoryBody> {
  /** Every attempt, in order. */
  readonly sends: readonly MemorySend[]
  /** The batches of the sends that were delivered, in order. */
  readonly delivered: readonly Batch[]
  /** Sends outstanding now, and the most there ever were. */
  readonly inFlight: number
  readonly maxSeenInFlight: number
  readonly closed: boolean
  /** Adds answers to the end of the script. */
  answer(...answers: readonly MemoryAnswer[]): void
}

/** A sink for tests: it records what it gets and answers by a script. */
export function createMemorySink(options: MemorySinkOptions = {}): MemorySink {
  return new ScriptedSink(options)
}

class ScriptedSink implements MemorySink {
  readonly name: string
  declare readonly maxBodyBytes?: number
  declare readonly maxInFlight?: number
  declare readonly prepare?: (options: { readonly signal: AbortSignal }) => Promise<SendOutcome>
  readonly sends: MemorySend[] = []
  readonly delivered: Batch[] = []
  inFlight = 0
  maxSeenInFlight = 0
  closed = false
  readonly #options: MemorySinkOptions
  readonly #script: MemoryAnswer[]

  constructor(options: MemorySinkOptions) {
    this.name = options.name ?? 'memory'
    if (options.maxBodyBytes !== undefined) this.maxBodyBytes = options.maxBodyBytes
    if (options.maxInFlight !== undefined) this.maxInFlight = options.maxInFlight
    if (options.prepare !== undefined) this.prepare = options.prepare
    this.#options = options
    this.#script = [...(options.script ?? [])]
  }

  answer(...answers: readonly MemoryAnswer[]): void {
    this.#script.push(...answers)
  }

  encode(batches: readonly Batch[]): readonly Encoded<MemoryBody>[] {
    return this.#options.encode?.(batches) ?? [encodeInMemory('memory', batches, this.#options.bytesPerSample)]
  }

  async send(batches: MemoryBody, options: { readonly signal: AbortSignal; readonly attempt: number }): Promise<SendOutcome> {
    const send: MemorySend = { batches, ...options }
    this.sends.push(send)
    this.maxSeenInFlight = Math.max(this.maxSeenInFlight, ++this.inFlight)
    try {
      const answer = this.#script.shift() ?? this.#options.otherwise ?? { status: 'delivered' }
      const outcome = typeof answer === 'function' ? await answer(send) : answer
      if (outcome.status === 'delivered') this.delivered.push(...batches)
      return outcome
    } finally {
      this.inFlight--
    }
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

/** A part that carries batches as they are. A sample, histogram or exemplar is this many bytes; default 16. */
export function encodeInMemory(part: string, batches: readonly Batch[], bytesPerSample = 16): Encoded<MemoryBody> {
  const counts = batches.map(countsOf).reduce(addCounts, zeroCounts)
  return { part, body: batches, bytes: totalOf(counts) * bytesPerSample, counts }
}
