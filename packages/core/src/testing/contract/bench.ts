import { isDeepStrictEqual } from 'node:util'
import type { Encoded, SendOutcome, Sink } from '../../delivery/sink.js'
import { type Batch, totalOf } from '../../model/batch.js'
import { toError } from '../../model/errors.js'
import type { CaseContext, CaseDefinition } from './case.js'
import { aWhile, ScriptedDestination } from './scripted-destination.js'
import { broken, check, checkSameSamples, within } from './check.js'
import { samplesOfBatches } from './material.js'
import type { ReceivedSample, SinkContractBench } from './subject.js'

/** A sink and its destination, without a pipeline between: for cases that speak to the sink themselves. */
export class Bench {
  readonly destination: ScriptedDestination = new ScriptedDestination()
  readonly context: CaseContext
  #opened: SinkContractBench | undefined
  #closed = false

  constructor(context: CaseContext) {
    this.context = context
  }

  get sink(): Sink<unknown> {
    if (this.#opened === undefined) throw broken('the bench is not open')
    return this.#opened.sink
  }

  /** Opens the subject and prepares the sink. */
  async open(): Promise<void> {
    const { subject, patienceMs } = this.context
    this.#opened = await within(patienceMs, 'open() of the subject', subject.open(this.destination))
    await this.prepare()
  }

  /** Prepares the sink, where it wants to be. */
  async prepare(): Promise<void> {
    const { sink } = this
    const { patienceMs } = this.context
    if (sink.prepare === undefined) return
    const outcome = await within(patienceMs, 'prepare()', sink.prepare({ signal: new AbortController().signal }))
    check(outcome.status === 'delivered', () => `prepare() at a healthy destination came to ${outcomeText(outcome)}`)
  }

  /** The parts of batches that are to be sent. */
  encode(batches: readonly Batch[]): readonly Encoded<unknown>[] {
    return this.sink.encode(batches).filter((encoded) => encoded.bytes > 0)
  }

  /** The first part of some batches. */
  encodeOne(batches: readonly Batch[]): Encoded<unknown> {
    const [first] = this.encode(batches)
    if (first === undefined) throw broken('encode() made nothing of ordinary samples')
    return first
  }

  /** One attempt. A throw is the same as retryable, as it is for delivery. */
  send(encoded: Encoded<unknown>, options: { readonly attempt?: number } = {}): Promise<SendOutcome> {
    const { signal } = new AbortController()
    const attempt = async (): Promise<SendOutcome> => this.sink.send(encoded.body, { signal, attempt: options.attempt ?? 0 })
    const outcome = attempt().catch((thrown: unknown): SendOutcome => ({ status: 'retryable', error: toError(thrown) }))
    const sending = within(this.context.patienceMs, 'send()', outcome)
    // A case may fail before it comes to this attempt.
    sending.catch(() => {})
    return sending
  }

  /** Encodes, sends everything, and expects it to arrive as `carries` says. */
  async deliver(what: string, batches: readonly Batch[]): Promise<void> {
    const before = this.destination.stored.length
    for (const encoded of this.encode(batches)) expectDelivered(await this.send(encoded))
    checkSameSamples(what, this.destination.stored.slice(before), this.carried(batches))
  }

  /** What the destination should get of batches. */
  carried(batches: readonly Batch[]): ReceivedSample[] {
    return carriedOf(this.context, samplesOfBatches(batches))
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const { patienceMs } = this.context
    const beganMs = performance.now()
    while (!condition()) {
      check(performance.now() - beganMs < patienceMs, `${what} did not happen within ${patienceMs} ms`)
      await aWhile()
    }
  }

  /** Waits until a request hangs, and the fake has had time to let it. */
  async untilUnanswered(): Promise<void> {
    await this.until(() => this.destination.requests[0]?.answer !== undefined, 'the request')
    await aWhile()
  }

  /** Closes the sink once; what comes of it is the case's to judge. */
  async closeSink(): Promise<void> {
    this.#closed = true
    await within(this.context.patienceMs, 'close()', Promise.resolve(this.#opened?.sink.close?.()))
  }

  /** Leaves nothing behind. A close that fails is told only where the case itself had no objection. */
  async dispose(options: { readonly quietly: boolean }): Promise<void> {
    try {
      if (!this.#closed) await this.closeSink()
    } catch (error) {
      if (!options.quietly) throw error
    } finally {
      if (this.#opened !== undefined) await within(this.context.patienceMs, 'close() of the bench', this.#opened.close())
    }
  }
}

/** What the destination should get of samples. */
export function carriedOf({ subject }: CaseContext, samples: readonly ReceivedSample[]): ReceivedSample[] {
  return samples.flatMap((sample) => {
    const carried = subject.carries === undefined ? sample : subject.carries(sample)
    return carried === undefined ? [] : [carried]
  })
}

/** A case that speaks to the sink itself, at a bench of its own. */
export function benchCase(
  name: string,
  run: (bench: Bench) => Promise<void>,
  needs: NonNullable<CaseDefinition['needs']> = [],
): CaseDefinition {
  return {
    name,
    needs,
    async run(context) {
      const bench = new Bench(context)
      let passed = false
      try {
        await bench.open()
        await run(bench)
        passed = true
      } finally {
        await bench.dispose({ quietly: !passed })
      }
    },
  }
}

/** An outcome in words. */
export function outcomeText(outcome: SendOutcome): string {
  if (outcome.status === 'delivered') {
    return outcome.rejected === undefined ? 'delivered' : `delivered with ${totalOf(outcome.rejected.counts)} rejected`
  }
  return `${outcome.status} (${outcome.error instanceof Error ? outcome.error.message : String(outcome.error)})`
}

/** Throws unless an outcome says that everything was delivered. */
export function expectDelivered(outcome: SendOutcome): void {
  const whole = outcome.status === 'delivered' && outcome.rejected === undefined
  check(whole, () => `the destination took the request, and send() says ${outcomeText(outcome)}`)
}

/** Throws unless an outcome is a failure that passes, with an error that says so in words. */
export function expectRetryable(outcome: SendOutcome, after: string): Extract<SendOutcome, { status: 'retryable' }> {
  if (outcome.status !== 'retryable') throw broken(`after ${after} send() says ${outcomeText(outcome)}, not retryable`)
  check(outcome.error instanceof Error && outcome.error.message !== '', `after ${after} the outcome has no error with a message`)
  return outcome
}

/** Whether two bodies are the same, as far as can be seen from outside. */
export function sameBody(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  return isDeepStrictEqual(a, b)
}
