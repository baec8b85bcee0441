import type { Batch, Counts } from '../model/batch.js'

/** How soon written data is forced to the disk: at an interval (500 ms), before every acknowledgement, or when the system likes. */
export type FsyncPolicy = 'interval' | 'always' | 'os'

/** A batch as a cursor gives it. */
export interface SpooledBatch {
  /** Its place in the log: grows by one a batch, never reused, at most 2^53. */
  readonly seq: number
  readonly batch: Batch
  readonly counts: Counts
  /** What it takes in the spool, its share of the dictionary included. */
  readonly bytes: number
  /** Wall clock at its append, in milliseconds. */
  readonly appendedMs: number
}

export interface CursorOptions {
  /** The sink's name: the place in the log is found again by it. `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string
  /** Lanes whose acknowledgements are kept apart. Where the stored number differs the cursor restarts at the lowest. */
  readonly lanes: number
  /**
   * At the cap (bytes between its oldest unacknowledged batch and the head): `block` makes appends wait, `drop-oldest` moves this
   * cursor on and touches nobody else.
   */
  readonly overflow: 'block' | 'drop-oldest'
  /**
   * Where a sink begins that has no place in this spool yet: behind everything that is in the log (`end`, default), or at the oldest batch
   * that is still there (`beginning`). As long as nobody has a place, the log waits: whoever comes before the next append begins at its
   * beginning.
   */
  readonly start?: 'end' | 'beginning'
  /** Memory spool: whether an append waits for this cursor's acknowledgement. Default true. */
  readonly required?: boolean
  /**
   * The lane of a batch of this origin, 0 <= lane < lanes. Where given, a memory spool waits for a batch's own lane only; where not, for
   * all lanes.
   */
  readonly laneOf?: (origin: Batch['origin']) => number
  /** Called for every batch that an overflow, an age limit or damage took from this cursor. The batch itself is not decoded. */
  readonly onLost?: (lost: LostBatch) => void
}

/**
 * A batch may be among those that `next` gave already, as long as it is not acknowledged: who holds it in memory still may go on with it.
 * With `laneOf`, what the batch's lane has acknowledged is not reported.
 */
export interface LostBatch {
  readonly seq: number
  /** Absent where damage took it as well; the counts are then zero, for nobody knows them. */
  readonly origin?: Batch['origin']
  readonly counts: Counts
  readonly reason: 'overflow' | 'age' | 'damage'
}

/** Batches that were given up for a sink that is not there: `removed` at the end of its time of grace, or at the cap, or at the age limit. */
export interface GivenUp {
  /** Absent where no sink had a place at all. */
  readonly sink?: string
  readonly reason: 'removed' | 'overflow' | 'age'
  readonly batches: number
  /** Of these batches; a lane of the sink may have settled some of them, which nobody can tell without it. */
  readonly counts: Counts
}

/** The place of a sink that is not there, and holds the log back for a time of grace. */
export interface UnusedPlace {
  readonly name: string
  /** Wall clock in milliseconds. */
  readonly sinceMs: number
  /** What waits for it. */
  readonly bytes: number
}

/**
 * A sink's place in the log. One reader and one acknowledger: calls to `next` and `seek` do not overlap; `acknowledge` may come between.
 */
export interface Cursor {
  readonly name: string
  /** Per lane: every batch of the lane up to this one is settled. As stored at the open; moves with `acknowledge`. */
  readonly acknowledged: readonly number[]
  /** True once, at the open: the stored place was not to be used (first use, lane count changed, both slots damaged). */
  readonly restarted: boolean
  /**
   * The next batch in order, waiting for one to be appended. Undefined when the signal aborts or the spool closes. Recent batches are the
   * appended objects themselves; older ones are decoded from disk, their lists interned by content. Rejects with `spool-io` where the disk
   * does not give it; asked again, it tries again.
   */
  next(options: { readonly signal: AbortSignal }): Promise<SpooledBatch | undefined>
  /** Moves the reader so that `next` gives the first batch with this number or a later one. */
  seek(seq: number): void
  /** The number of the last batch that `next` gave. */
  readonly position: number
  /**
   * Every batch of the lane up to and including `seq` is settled. Written soon (one write outstanding at a time, before any segment that
   * it frees is deleted). Never moves backwards.
   */
  acknowledge(lane: number, seq: number): void
  /** Bytes between the oldest unacknowledged batch and the head, on disk. */
  readonly backlogBytes: number
  /** The counts and origin of what lies after `acknowledged`, without decoding samples: for the accounts at a start. In order. */
  skim(): AsyncIterable<{
    readonly seq: number
    readonly origin: Batch['origin']
    readonly counts: Counts
    readonly bytes: number
    readonly appendedMs: number
  }>
  /**
   * Writes the acknowledgements out. The cursor's place stays in the spool.
   *
   * @param options.reopens another cursor of this name follows: until it is there, or this one is closed once more without the option, the
   *   place holds the log, and appends, as if it were open
   */
  close(options?: { readonly reopens?: boolean }): Promise<void>
}

export interface SpoolStatus {
  readonly kind: 'disk' | 'memory'
  /** The number of the last batch appended. */
  readonly head: number
  /** Bytes of all segments, or of what memory holds. */
  readonly bytes: number
  /** The cap of each cursor: what may lie between its oldest unacknowledged batch and the head. */
  readonly maxBytes?: number
  readonly segments: number
  /** Why appends are refused now, in words; undefined while they are not. */
  readonly blocked?: string
  /** Damage met since the open: records skipped, bytes of torn tails cut. */
  readonly damagedRecords: number
  readonly tornBytes: number
  /** How often the disk refused to keep what was written, since the open. What it refused was written again, or is about to be. */
  readonly syncFailures: number
  /** Places that no cursor was opened on: sinks that were taken out, or are called otherwise now. */
  readonly unused: readonly UnusedPlace[]
}

/** The write-ahead log of a pipeline. */
export interface Spool {
  /**
   * Takes the lock, recovers, and is then ready. Called once, before anything else. Rejects with `spool-locked` where another process has
   * it, and with `spool-io` where the folder cannot be used; damage never makes it reject.
   */
  open(options?: { readonly onGivenUp?: (given: GivenUp) => void }): Promise<void>
  /**
   * Appends a batch; resolves when it is safe under the fsync policy (memory spool: when every required cursor has acknowledged it).
   * Waits while a `block` cursor is at its cap. Rejects, the batch not taken, with `spool-full` where the disk or the free-space mark is
   * reached, `spool-io`, `closed`, or the signal's reason. Batches get their numbers in the order of the calls.
   */
  append(
    batch: Batch,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly seq: number; readonly status: 'delivered' | 'spooled' }>
  /** Opens a sink's cursor. A name may be open once at a time. */
  cursor(options: CursorOptions): Promise<Cursor>
  /** Forgets a sink that is gone for good: its place no longer holds segments. */
  removeCursor(name: string): Promise<void>
  status(): SpoolStatus
  /** Waits for pending appends, writes everything out, gives the lock back. Safe to call twice. */
  close(): Promise<void>
}
