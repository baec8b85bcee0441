import { laneOf } from '../delivery/lane-of.js'
import { addCounts, type Counts, zeroCounts } from '../model/batch.js'
import { chooseLane, isSettled, lowest } from '../spool/lanes.js'
import type { SkimmedBatch } from '../spool/segment-reader.js'
import type { SpoolView, ViewedPlace, ViewedSegment } from './spool-view.js'

/** What a sink has before it. */
export interface CursorReport {
  readonly sink: string
  /** Per lane: settled up to. Empty where the file is damaged. */
  readonly lanes: readonly number[]
  /** Settled in all lanes. */
  readonly settled: number
  readonly damaged: boolean
  /** Since when nobody has used the place, wall clock in milliseconds. */
  readonly unusedSinceMs?: number
  readonly waiting: { readonly batches: number; readonly counts: Counts; readonly bytes: number; readonly lagSeconds: number }
}

export interface SegmentReport {
  readonly name: string
  readonly version: number | null
  readonly header: ViewedSegment['header']
  readonly createdMs: number | null
  readonly firstSeq: number
  /** 0 where it holds no batch. */
  readonly lastSeq: number
  readonly bytes: number
  /** Runs of bytes that are no record, with intact ones after them. */
  readonly damagedRecords: number
  /** After the last complete batch: of the last segment what is being written, or was when a process died. */
  readonly trailingBytes: number
}

export interface SpoolReport {
  readonly dir: string
  /** The process that has it open. */
  readonly ownerPid: number | null
  readonly bytes: number
  /** 0 where there is none. */
  readonly firstSeq: number
  readonly head: number
  /** Age of the oldest batch that is there. */
  readonly ageSeconds: number
  readonly batches: number
  readonly counts: Counts
  /** Batches whose heads say that they cannot be read: their entry in the dictionary is damaged. */
  readonly unreadableBatches: number
  readonly cursors: readonly CursorReport[]
  readonly segments: readonly SegmentReport[]
  readonly badFiles: readonly string[]
}

/** Counts what a spool holds, and what waits for each sink. Reads every head, and no column. */
export async function inspectSpool(view: SpoolView, nowMs: number): Promise<SpoolReport> {
  const tallies = view.places.map((place) => new Tally(place))
  const all = new Tally({ name: '', stored: undefined })
  let unreadableBatches = 0
  for await (const batch of view.skim(0)) {
    if (batch.origin === undefined) unreadableBatches++
    all.add(batch)
    for (const tally of tallies) tally.add(batch)
  }
  const { log } = view
  return {
    dir: view.dir,
    ownerPid: view.ownerPid ?? null,
    bytes: log.bytes,
    firstSeq: log.nextHeld(0) ?? 0,
    head: log.head,
    ageSeconds: all.lagSeconds(nowMs),
    batches: all.batches,
    counts: all.counts,
    unreadableBatches,
    cursors: tallies.map((tally) => tally.report(nowMs)),
    segments: view.segments.map(segmentReport),
    badFiles: view.badFiles,
  }
}

/** Whether a batch waits for a sink: whether the lane of its origin, as pipelines choose it, has settled it. */
export function waitsFor({ stored }: ViewedPlace, { seq, origin }: Pick<SkimmedBatch, 'seq' | 'origin'>): boolean {
  const lanes = stored?.lanes ?? []
  return !isSettled(
    lanes,
    seq,
    chooseLane(origin, (one) => laneOf(one, lanes.length)),
  )
}

class Tally {
  batches = 0
  counts: Counts = zeroCounts
  readonly #place: ViewedPlace
  #bytes = 0
  #oldestMs: number | undefined

  constructor(place: ViewedPlace) {
    this.#place = place
  }

  add(batch: SkimmedBatch): void {
    if (!waitsFor(this.#place, batch)) return
    this.batches++
    this.counts = addCounts(this.counts, batch.counts)
    this.#bytes += batch.bytes
    if (batch.appendedMs > 0) this.#oldestMs ??= batch.appendedMs
  }

  lagSeconds(nowMs: number): number {
    return this.#oldestMs === undefined ? 0 : Math.max(0, nowMs - this.#oldestMs) / 1000
  }

  report(nowMs: number): CursorReport {
    const { name, stored } = this.#place
    return {
      sink: name,
      lanes: stored?.lanes ?? [],
      settled: lowest(stored?.lanes ?? []),
      damaged: stored === undefined,
      ...(stored !== undefined && stored.unusedSinceMs > 0 && { unusedSinceMs: stored.unusedSinceMs }),
      waiting: { batches: this.batches, counts: this.counts, bytes: this.#bytes, lagSeconds: this.lagSeconds(nowMs) },
    }
  }
}

function segmentReport({ segment, header, stored, fileBytes, damagedRecords, trailingBytes }: ViewedSegment): SegmentReport {
  const { name, firstSeq, lastSeq } = segment
  return {
    name,
    version: stored?.version ?? null,
    header,
    createdMs: stored?.createdMs ?? null,
    firstSeq,
    lastSeq: lastSeq < firstSeq ? 0 : lastSeq,
    bytes: fileBytes,
    damagedRecords,
    trailingBytes,
  }
}
