import type { Clock, Logger } from '@promline/core'

/** Who is refused is so with every request, every few seconds: the log says it as often as people look. */
const refusalEveryMs = 60_000
/** A reason may quote a series, whose labels may be 512 KiB; who sent it hears it in full. */
const maxReason = 1000

/** A request that was refused. */
export interface Refusal {
  /** The name of a configured client; undefined where none is proven. */
  readonly client: string | undefined
  /** Where it came from. */
  readonly address: string | undefined
  readonly status: number
  /** Why. */
  readonly text: string
}

export interface ReceiverLogOptions {
  /** The receiver. */
  readonly name: string
  readonly logger: Logger
  readonly clock: Clock
}

/** What a receiver says in the log: what begins, what is over, and what goes on once a minute, never each request. */
export class ReceiverLog {
  readonly #receiver: string
  readonly #logger: Logger
  readonly #clock: Clock
  /** By client and status: when it was said last, and how many came since. */
  readonly #refusals = new Map<string, { readonly saidMs: number; since: number }>()
  /** Clients of whom was said that their labels are replaced. */
  readonly #replaced = new Set<string>()
  /** Requests that were not taken since one was. */
  #notTaken = 0

  constructor({ name, logger, clock }: ReceiverLogOptions) {
    this.#receiver = name
    this.#logger = logger
    this.#clock = clock
  }

  refused({ client, address, status, text }: Refusal): void {
    const key = `${status} ${client ?? ''}`
    const nowMs = this.#clock.monotonicMs()
    const before = this.#refusals.get(key)
    if (before !== undefined && nowMs - before.saidMs < refusalEveryMs) {
      before.since++
      return
    }
    this.#refusals.set(key, { saidMs: nowMs, since: 0 })
    const who = client === undefined ? `a request from ${address ?? 'nowhere'}` : `client ${JSON.stringify(client)}`
    const reason = text.length > maxReason ? `${text.slice(0, maxReason)}...` : text
    const more = before === undefined || before.since === 0 ? '' : ` (${before.since} more since this was said last)`
    this.#logger.warn({ receiver: this.#receiver, client, address, status }, `${who} is refused with ${status}: ${reason}${more}`)
  }

  /** A client said labels that are not its own to say. */
  replaced(client: string): void {
    if (this.#replaced.has(client)) return
    this.#replaced.add(client)
    const facts = { receiver: this.#receiver, client }
    this.#logger.warn(facts, `client ${JSON.stringify(client)} sends labels that are not its own to say: they are replaced`)
  }

  notTaken(error: Error, origin: string): void {
    if (this.#notTaken === 0)
      this.#logger.warn(
        { error, receiver: this.#receiver, origin },
        `requests are answered with 503 until they can be taken: ${error.message}`,
      )
    this.#notTaken++
  }

  taken(): void {
    if (this.#notTaken === 0) return
    const facts = { receiver: this.#receiver, notTaken: this.#notTaken }
    this.#logger.info(facts, `requests are taken again; ${this.#notTaken} were answered with 503`)
    this.#notTaken = 0
  }

  /** What nobody foresaw. */
  failed(error: Error): void {
    this.#logger.error({ error, receiver: this.#receiver }, `a request failed: ${error.message}`)
  }
}
