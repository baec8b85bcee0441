import type { Batch, Columns } from '../model/batch.js'
import { estimateHistogramBytes } from '../records/histogram-encode.js'
import type { SpooledBatch } from './spool.js'

/** What all readers have met stays up to this many bytes, for those that go back a little. */
const keptBytes = 1024 * 1024
/** What a batch, columns, a histogram and an exemplar take as objects beside their numbers, about: measured on Node 20, rounded up. */
const batchBytes = 512
const columnsBytes = 256
const histogramBytes = 1024
const exemplarBytes = 256

/** The batches that were appended last, by reference, so that a cursor that keeps up gets the same objects and nothing is decoded. */
export class LiveTail {
  readonly #maxBytes: number
  readonly #readSeq: () => number
  #batches: (SpooledBatch | undefined)[] = []
  /** How many at the front are let go of already. */
  #gone = 0
  #bytes = 0
  /**
   * How many columns lie in a buffer: it stays as long as one of them does, all of it. Held weakly, because what comes and goes in a Map
   * stays until a full collection of garbage: the tables that it has outgrown point at one another, and at what was in them.
   */
  readonly #buffers = new WeakMap<ArrayBufferLike, number>()
  /** Of neighbours that lie in one buffer, as the columns of a scrape do, how many are not counted yet. */
  #run: { readonly buffer: ArrayBufferLike; columns: number } | undefined

  /** @param options.readSeq every reader has met the batches up to this one; 0 where there is no reader. */
  constructor(options: { maxBytes: number; readSeq: () => number }) {
    this.#maxBytes = options.maxBytes
    this.#readSeq = options.readSeq
  }

  /** Memory that is kept from being freed, about. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds the batch after the last one. The last one stays, whatever its size: whoever appended it has it in memory as well. */
  push(batch: SpooledBatch): void {
    this.#batches.push(batch)
    this.#account(batch.batch, 1)
    const readSeq = this.#readSeq()
    while (this.#batches.length - this.#gone > 1) {
      const oldest = this.#batches[this.#gone]!
      if (this.#bytes <= (oldest.seq <= readSeq ? Math.min(keptBytes, this.#maxBytes) : this.#maxBytes)) break
      this.#batches[this.#gone++] = undefined
      this.#account(oldest.batch, -1)
    }
    // Moved together now and then: once for as many batches as stay.
    if (this.#gone * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#gone)
      this.#gone = 0
    }
  }

  get(seq: number): SpooledBatch | undefined {
    const first = this.#batches[this.#gone]
    return first === undefined || seq < first.seq ? undefined : this.#batches[this.#gone + seq - first.seq]
  }

  /** A batch comes, or goes. */
  #account({ columns }: Batch, sign: 1 | -1): void {
    this.#bytes += sign * batchBytes
    for (const one of columns) {
      this.#bytes += sign * objectBytes(one)
      if (one.kind === 'exemplars') continue
      if (one.kind === 'samples') this.#accountBuffer(one.values, sign)
      if (typeof one.timestampMs !== 'number') this.#accountBuffer(one.timestampMs, sign)
      if (one.stale !== undefined) this.#accountBuffer(one.stale, sign)
      if (one.startTimestampMs !== undefined) this.#accountBuffer(one.startTimestampMs, sign)
    }
    this.#accountRun(sign)
  }

  #accountBuffer({ buffer }: Float64Array | Uint8Array, sign: 1 | -1): void {
    if (this.#run?.buffer === buffer) {
      this.#run.columns++
      return
    }
    this.#accountRun(sign)
    this.#run = { buffer, columns: 1 }
  }

  #accountRun(sign: 1 | -1): void {
    if (this.#run === undefined) return
    const { buffer, columns } = this.#run
    this.#run = undefined
    const before = this.#buffers.get(buffer) ?? 0
    const after = before + sign * columns
    if (before === 0 || after === 0) this.#bytes += sign * buffer.byteLength
    if (after === 0) this.#buffers.delete(buffer)
    else this.#buffers.set(buffer, after)
  }
}

/** What columns take beside their buffers. */
function objectBytes(columns: Columns): number {
  if (columns.kind === 'samples') return columnsBytes
  if (columns.kind === 'exemplars') return columnsBytes + exemplarBytes * columns.exemplars.length
  return columns.histograms.reduce((bytes, histogram) => bytes + histogramBytes + estimateHistogramBytes(histogram), columnsBytes)
}
