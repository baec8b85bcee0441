import type { Batch, Counts } from '../model/batch.js'
import { PromlineError } from '../model/errors.js'
import type { Dropped, Rejected } from '../model/flow.js'
import { isSinkName } from '../model/sink-name.js'

/**
 * What the author of a sink writes; delivery (lanes, joining, retries, acknowledgements, dead letters) is core's. Method syntax keeps
 * `Sink<Body>` assignable to `Sink<unknown>`.
 */
export interface Sink<Body> {
  /** Also the name of its cursor: `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string
  /** A larger body is halved before sending. A whole number, at least 1; absent: no limit. */
  readonly maxBodyBytes?: number
  /** Sends outstanding at one time, over all lanes, at most; 1 for one kafkajs producer. Default: the number of lanes. */
  readonly maxInFlight?: number
  /** Samples, histograms and exemplars that are joined into one request where delivery's options do not say. Default 2,000. */
  readonly maxSamplesPerSend?: number
  /**
   * Called before the first encode and after a `reencode`: Kafka learns its partitions, remote write its version. Until it is delivered
   * nothing is encoded; what is rejected counts as blocked, for a person must mend it. Must not change how `encode` works before it is
   * delivered.
   */
  prepare?(options: { readonly signal: AbortSignal }): Promise<SendOutcome>
  /**
   * Pure: depends on the batches and on what `prepare` found. All batches are of one tenant. A throw counts as `invalid`, divisible; so does
   * what is no list of parts. What the format cannot carry is named in `dropped` of any of the parts; a batch of which nothing is left gives
   * no part, or one without body bytes is never sent.
   */
  encode(batches: readonly Batch[]): readonly Encoded<Body>[]
  /**
   * One attempt; `attempt` is 0 for the first with this body, then counts up. Bodies are sent again unchanged. Resolves with an outcome; a
   * throw counts as retryable, and so does what is no outcome. Must end soon after the signal aborts: a second later the attempt is taken
   * for failed, and may be made again. The signal is the attempt's own until it has an outcome; a later attempt may come with the same one.
   */
  send(body: Body, options: { readonly signal: AbortSignal; readonly attempt: number }): Promise<SendOutcome>
  /** Called once, after the last send. */
  close?(): Promise<void>
}

/** One independent unit of sending: a topic-partition, a tenant, a database. Each has its own outcome and retries. */
export interface Encoded<Body> {
  /** Names the unit: parts with equal names are sent in order. */
  readonly part: string
  readonly body: Body
  readonly bytes: number
  /** What the body carries. */
  readonly counts: Counts
  /** What this format could not carry, by reason. Parts' counts and dropped add up to the batches'. */
  readonly dropped?: readonly Dropped[]
}

/** What one attempt came to. */
export type SendOutcome =
  | { readonly status: 'delivered'; readonly rejected?: Rejected }
  | {
      readonly status: 'retryable'
      readonly error: Error
      readonly retryAfterMs?: number
      /** A person is needed (wrong credentials, unknown topic): why, in words. The data stays and a slow probe goes on. */
      readonly blocked?: string
      /** Prepare and encode once more before the next attempt. */
      readonly reencode?: true
    }
  | { readonly status: 'rejected'; readonly error: Error; readonly cause: 'too-large' | 'invalid'; readonly divisible: boolean }

/** Where what was refused for good is kept. Bounded: when it is full the oldest goes first, counted. */
export interface DeadLetter {
  /**
   * Resolves when it is safe; until then nothing is acknowledged, and what rejects is tried again. Must end soon after the signal aborts:
   * another write of the same batch may follow.
   */
  write(
    batch: Batch,
    reason: { readonly sink: string; readonly reason: string; readonly message: string },
    options?: { readonly signal: AbortSignal },
  ): Promise<void>
  close?(): Promise<void>
}

/** Throws a PromlineError (`options`) where a name cannot be a sink's: see `isSinkName`. */
export function assertSinkName(name: string): void {
  if (isSinkName(name)) return
  throw new PromlineError('options', `sink name ${JSON.stringify(name)} is not 1 to 64 letters, digits, "-" and "_"`, { facts: { name } })
}
