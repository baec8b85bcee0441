import type { EventEmitter } from 'eventemitter3'
import type { DeliveryOptions } from '../delivery/delivery-options.js'
import type { DeadLetter, Sink } from '../delivery/sink.js'
import type { Batch, Counts } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import type { Consume, Source, Transform } from '../model/flow.js'
import type { Instruments } from '../model/instruments.js'
import type { Logger } from '../model/logger.js'
import type { Spool, SpoolStatus } from '../spool/spool.js'

/** A sink in its place in a pipeline. */
export interface SinkSetup {
  readonly sink: Sink<unknown>
  /** Applied to what this sink gets, after the pipeline's own; what they leave out is counted as dropped for this sink. */
  readonly transforms?: readonly Transform[]
  readonly delivery?: DeliveryOptions
  /** At the spool's cap. Default `block`: the pipeline waits rather than lose an acknowledged sample. */
  readonly overflow?: 'block' | 'drop-oldest'
  /** Where a sink begins whose name the spool has never seen: `end`, default, or with what is still there for others (`beginning`). */
  readonly start?: 'end' | 'beginning'
  /** Memory spool: whether a write waits for this sink. Default true. */
  readonly required?: boolean
  /** Default: what is refused for good is counted and logged, and gone. */
  readonly deadLetter?: DeadLetter
}

export interface PipelineOptions {
  readonly name: string
  readonly spool: Spool
  readonly sources?: readonly Source[]
  readonly transforms?: readonly Transform[]
  readonly sinks: readonly SinkSetup[]
  /** A bounded onlooker after the transforms (the console's window): no cursor, no acknowledgement; a throw is logged and ignored. */
  readonly tap?: (batch: Batch) => void
  readonly instruments?: Instruments
  readonly logger?: Logger
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Draws the jitter of back-offs, from 0 to 1, exclusive. Default: Math.random. */
  readonly random?: () => number
}

/** The samples of one sink. `recovered + in = delivered + rejected + dropped + spooled + inFlight`, at every moment. */
export interface SinkAccounts {
  /** What lay in the spool when the pipeline opened it. */
  readonly recovered: Counts
  readonly in: Counts
  readonly delivered: Counts
  readonly rejected: Readonly<Record<string, Counts>>
  readonly dropped: Readonly<Record<string, Counts>>
  readonly spooled: Counts
  readonly inFlight: Counts
  readonly balanced: boolean
}

export interface Accounts {
  /** Before the spool: `in = dropped + spooled`, where `refused` never got in. */
  readonly intake: {
    readonly in: Counts
    readonly dropped: Readonly<Record<string, Counts>>
    readonly spooled: Counts
    readonly refused: Counts
    readonly pending: Counts
    readonly balanced: boolean
  }
  readonly sinks: Readonly<Record<string, SinkAccounts>>
  readonly balanced: boolean
}

export interface SinkStatus {
  readonly name: string
  /** retrying: after a failure that should pass; blocked: a person is needed. */
  readonly state: 'healthy' | 'retrying' | 'blocked'
  /** When the state began, wall clock in milliseconds. */
  readonly sinceMs: number
  /** Why, in words, while retrying or blocked. */
  readonly reason?: string
  /** Age of the oldest batch that is not settled; 0 where there is none. */
  readonly lagSeconds: number
  readonly spooled: Counts
  readonly inFlight: Counts
  /** Bytes of the spool that wait for this sink, and their cap; 0 where there is none. */
  readonly bytes: number
  readonly maxBytes: number
  readonly retries: number
  /** When the next attempt is due, wall clock in milliseconds; absent while none waits. */
  readonly nextAttemptMs?: number
  /** What the server said last. */
  readonly lastAnswer?: { readonly atMs: number; readonly status: 'delivered' | 'retryable' | 'rejected'; readonly message: string }
  readonly deadLetters: number
}

export interface PipelineStatus {
  readonly name: string
  readonly state: 'new' | 'running' | 'closing' | 'closed'
  readonly spool: SpoolStatus
  readonly sinks: readonly SinkStatus[]
}

/** For watching only: data and errors never depend on a listener. */
export interface PipelineEventMap {
  batch: [event: { readonly origin: Batch['origin']; readonly counts: Counts }]
  delivered: [
    event: { readonly sink: string; readonly part: string; readonly counts: Counts; readonly bytes: number; readonly durationMs: number },
  ]
  retry: [
    event: { readonly sink: string; readonly part: string; readonly attempt: number; readonly delayMs: number; readonly error: Error },
  ]
  rejected: [event: { readonly sink: string; readonly reason: string; readonly message: string; readonly counts: Counts }]
  dropped: [event: { readonly sink?: string; readonly reason: string; readonly counts: Counts }]
  state: [event: { readonly sink: string; readonly state: SinkStatus['state']; readonly reason?: string }]
}

export type PipelineEvents = Pick<EventEmitter<PipelineEventMap>, 'on' | 'off' | 'once'>

export interface FlushOptions {
  readonly signal?: AbortSignal
}

export interface CloseOptions {
  /** For everything: pending writes, draining, the spool. What is not delivered by then stays in the spool. Default 5,000. */
  readonly deadlineMs?: number
}

/** Sources to sinks through one spool. The first `write` or `run` opens the spool and starts delivery. */
export interface Pipeline extends AsyncDisposable {
  readonly name: string
  /** Bound; see `Consume`. */
  readonly write: Consume
  /** Runs the sources until the signal aborts, then closes. */
  run(options: { readonly signal: AbortSignal }): Promise<void>
  /** Opens the spool and starts delivery without a write; safe to call again. */
  open(): Promise<void>
  /** Resolves when everything that was spooled at the call is settled for every sink. */
  flush(options?: FlushOptions): Promise<void>
  /** Stops sources, settles pending writes, drains up to the deadline, closes the sinks and the spool. Safe to call twice. */
  close(options?: CloseOptions): Promise<void>
  /** Reload: what stays (by name) keeps its state. */
  apply(change: { readonly sources?: readonly Source[]; readonly sinks?: readonly SinkSetup[] }): Promise<void>
  accounts(): Accounts
  status(): PipelineStatus
  readonly events: PipelineEvents
}
