import {
  addCounts,
  type Batch,
  type Columns,
  type Counts,
  type Dropped,
  type FamilyRun,
  type MetricMetadata,
  type SampleColumns,
  totalOf,
  zeroCounts,
} from '@promline/core'
import { saysSomething, writeRequestOf } from '../../batch/from-batches.js'
import { metadataFields } from '../../message/metadata-fields.js'
import type { SnappyCodec } from '../../snappy/snappy-codec.js'
import { encodeWriteRequest } from '../encode.js'
import { fitsPatch } from '../timestamp-bytes.js'
import { createListCompressor } from './kernel/kernel-list-compressor.js'
import { familiesOf } from './list-families.js'
import { ListTemplates } from './list-templates.js'
import { RequestBody } from './request-body.js'

export interface BatchEncoderOptions {
  readonly snappy: SnappyCodec
  /** Memory for templates. 0: there are none, and all samples go through the compressor. */
  readonly maxTemplateBytes: number
  /** Whether lists are compressed by WebAssembly, where it can be had. */
  readonly webAssembly: boolean
  /** A larger message is refused. */
  readonly maxMessageBytes: number
}

/** Which metadata goes with a request. */
export interface MetadataChoice {
  /** Whether none of these would be chosen. The same array comes again as long as a list does. @param nowMs as `encode` was told. */
  isQuiet(families: readonly FamilyRun[], nowMs: number): boolean
  choose(known: readonly MetricMetadata[]): readonly MetricMetadata[]
}

/** What one request came to. */
export interface EncodedBatches {
  /** Compressed; empty where nothing is carried. */
  readonly body: Uint8Array
  readonly counts: Counts
  /** What remote write 1.0 cannot carry. */
  readonly dropped: readonly Dropped[]
  /** What the request says of families. */
  readonly metadata: readonly MetricMetadata[]
}

/** How requests are made. */
export interface EncodeContext {
  /** Any clock that only goes forward. */
  readonly nowMs: number
  /** Which of what is known of families goes with the request. */
  readonly metadata: MetadataChoice
}

const noDropped: readonly Dropped[] = []
const noMetadata: readonly MetricMetadata[] = []
const noBytes = new Uint8Array(0)

/**
 * Batches to compressed requests of remote write 1.0: samples from their list's template, or by the general path (`ListCompressor`)
 * where there is none yet or their times do not fit; histograms and exemplars by the plain path. Columns keep their order,
 * and an entry has one sample, as Prometheus does it. What is decoded is, series by series, what the plain path says:
 * batch-encoder.test.ts.
 */
export class BatchEncoder {
  readonly #templates: ListTemplates
  readonly #body: RequestBody
  /** What the request at hand came to so far, beside its body. */
  #samples = 0
  #otherCounts: Counts = zeroCounts
  readonly #dropped = new Map<string, Counts>()
  readonly #metadata = new Map<string, MetricMetadata>()

  constructor(options: BatchEncoderOptions) {
    const compressor = createListCompressor(options.webAssembly)
    this.#templates = new ListTemplates({ maxBytes: options.maxTemplateBytes, compressor })
    this.#body = new RequestBody({ ...options, compressor })
  }

  /** Throws a PromlineError: `encode` for a timestamp that is not an integer, `limit` for a message that is too large. */
  encode(batches: readonly Batch[], context: EncodeContext): EncodedBatches {
    this.#begin(context.nowMs)
    for (const batch of batches) this.#addBatch(batch, context)
    const counts = addCounts(this.#otherCounts, { ...zeroCounts, samples: this.#samples })
    const dropped = this.#dropped.size === 0 ? noDropped : Array.from(this.#dropped, ([reason, lost]) => ({ reason, counts: lost }))
    if (totalOf(counts) === 0) return { body: noBytes, counts, dropped, metadata: noMetadata }
    const metadata = this.#metadata.size === 0 ? noMetadata : context.metadata.choose([...this.#metadata.values()])
    if (metadata.length > 0) this.#body.addFields(metadataFields(metadata))
    return { body: this.#body.finish(), counts, dropped, metadata }
  }

  /** Takes the memory of a body that nobody reads any more, and nobody will, for another one. */
  giveBack(body: Uint8Array): void {
    this.#body.giveBack(body)
  }

  #begin(nowMs: number): void {
    this.#templates.begin(nowMs)
    this.#body.begin()
    this.#samples = 0
    this.#otherCounts = zeroCounts
    // Clearing makes a new table, also of an empty map.
    if (this.#dropped.size > 0) this.#dropped.clear()
    if (this.#metadata.size > 0) this.#metadata.clear()
  }

  #addBatch(batch: Batch, context: EncodeContext): void {
    if (batch.columns.some(hasUntimedExemplar)) {
      this.#addPlainly(batch)
      return
    }
    let others: Columns[] | undefined
    for (const columns of batch.columns) {
      if (columns.kind === 'samples') {
        if (others !== undefined) this.#addPlainly({ ...batch, columns: others })
        others = undefined
        this.#addSamples(columns, context)
      } else if (others === undefined) others = [columns]
      else others.push(columns)
    }
    if (others !== undefined) this.#addPlainly({ ...batch, columns: others })
  }

  #addSamples(columns: SampleColumns, { nowMs, metadata }: EncodeContext): void {
    const timestampMs = sharedTimestamp(columns.timestampMs)
    const template = typeof timestampMs === 'number' && fitsPatch(timestampMs) ? this.#templates.find(columns.series) : undefined
    if (template === undefined || typeof timestampMs === 'object') this.#body.addSamples(columns, timestampMs)
    else this.#body.addPatched(template, columns, timestampMs)
    this.#samples += columns.values.length
    const families = familiesOf(columns.series)
    if (metadata.isQuiet(families, nowMs)) return
    for (const family of families) if (saysSomething(family.metadata)) this.#metadata.set(family.metadata.name, family.metadata)
  }

  #addPlainly(batch: Batch): void {
    const request = writeRequestOf([batch])
    const { bytes, counts, dropped } = encodeWriteRequest({ series: request.series, metadata: [] })
    if (bytes.length > 0) this.#body.addFields(bytes)
    this.#otherCounts = addCounts(this.#otherCounts, counts)
    for (const { reason, counts: lost } of dropped) this.#dropped.set(reason, addCounts(this.#dropped.get(reason) ?? zeroCounts, lost))
    for (const metadata of request.metadata) this.#metadata.set(metadata.name, metadata)
  }
}

/** One timestamp where all rows share it. */
function sharedTimestamp(timestampMs: number | Float64Array): number | Float64Array {
  if (typeof timestampMs === 'number') return timestampMs
  const first = timestampMs[0]!
  for (let i = 1; i < timestampMs.length; i++) if (timestampMs[i] !== first) return timestampMs
  return first
}

/** An exemplar without a time has that of its sample, so the two must be looked at together. */
function hasUntimedExemplar(columns: Columns): boolean {
  return columns.kind === 'exemplars' && columns.exemplars.some(({ timestampMs }) => timestampMs === undefined)
}
