import type { Batch, Counts } from './batch.js'

/** Responsibility for a batch was taken: it is in the spool, or (memory spool) every required sink has it. */
export interface Ack {
  readonly status: 'delivered' | 'spooled'
}

/**
 * Takes a batch. The pending promise is the back-pressure; it rejects when responsibility was not taken, and then the caller still has
 * it. Bound: may be handed around as a plain function. May be called concurrently; batches of one origin keep the order of the calls.
 */
export type Consume = (batch: Batch, options?: { readonly signal?: AbortSignal }) => Promise<Ack>

/** Where batches come from: a scrape pool, a receiver that listens, a registry that is gathered. */
export interface Source {
  readonly name: string
  /** Runs until the signal aborts, then stops cleanly and resolves. Rejects only where it cannot go on at all. Called once. */
  run(consume: Consume, options: { readonly signal: AbortSignal }): Promise<void>
}

/** Says what a transform or an encoder left out, and why. */
export type Drop = (reason: string, counts: Counts) => void

/** Changes a batch: synchronous, deterministic per list. Keeps the lists that it does not touch. What it leaves out goes to `drop`. */
export type Transform = (batch: Batch, drop: Drop) => Batch

/** What was left out, and why. */
export interface Dropped {
  readonly reason: string
  readonly counts: Counts
}

/** What a server refused for good. */
export interface Rejected {
  readonly counts: Counts
  /** A word for metrics: `invalid`, `too-large`, `partial-write`. */
  readonly reason: string
  /** The server's own words, shortened. */
  readonly message: string
  /** The samples concerned, where they are known. */
  readonly batches?: readonly Batch[]
}
