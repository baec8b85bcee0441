import {
  addCounts,
  type Batch,
  type Columns,
  type Counts,
  type Dropped,
  type MetricMetadata,
  type SampleColumns,
  totalOf,
  zeroCounts,
} from '@promline/core'
import { writeRequestOf } from '../../batch/from-batches.js'
import type { SnappyCodec } from '../../snappy/snappy-codec.js'
import { encodeWriteRequest } from '../encode.js'
import { fitsPatch } from '../timestamp-bytes.js'
import { ListForms } from './list-forms.js'
import { listMetadata } from './list-metadata.js'
import { RequestBody } from './request-body.js'

export interface BatchEncoderOptions {
  readonly snappy: SnappyCodec
  /** Memory for templates. 0: there are none, and all samples go through the compressor. */
  readonly maxTemplateBytes: number
  /** A larger message is refused. */
  readonly maxMessageBytes: number
}

/** Which metadata goes with a request. */
export interface MetadataChoice {
  /** Whether none of these would be chosen. The same array comes again as long as a list does. */
  isQuiet(families: readonly MetricMetadata[]): boolean
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

/** What was gathered for a request so far, beside its body. */
interface Gathered {
  readonly choice: MetadataChoice
  counts: Counts
  readonly dropped: Map<string, Counts>
  readonly metadata: Map<string, MetricMetadata>
}

/**
 * Batches to compressed requests of remote write 1.0: samples from their list's template, or by the general path (`EntryWriter` and a
 * compressor) where there is none yet or their times do not fit; histograms and exemplars by the plain path. Columns keep their order,
 * and an entry has one sample, as Prometheus does it. What is decoded is, series by series, what the plain path says:
 * batch-encoder.test.ts.
 */
export class BatchEncoder {
  readonly #forms: ListForms
  readonly #body: RequestBody

  constructor(options: BatchEncoderOptions) {
    this.#forms = new ListForms(options.maxTemplateBytes)
    this.#body = new RequestBody(options)
  }

  /**
   * @param options.nowMs any clock that only goes forward. @param options.metadata which of what is known of families goes with the request.
   * Throws a PromlineError: `encode` for a timestamp that is not an integer, `limit` for a message that is too large.
   */
  encode(batches: readonly Batch[], options: { readonly nowMs: number; readonly metadata: MetadataChoice }): EncodedBatches {
    const gathered: Gathered = { choice: options.metadata, counts: zeroCounts, dropped: new Map(), metadata: new Map() }
    this.#forms.begin(options.nowMs)
    this.#body.reset()
    for (const batch of batches) this.#addBatch(batch, gathered)
    const { counts } = gathered
    const dropped = Array.from(gathered.dropped, ([reason, lost]) => ({ reason, counts: lost }))
    if (totalOf(counts) === 0) return { body: new Uint8Array(0), counts, dropped, metadata: [] }
    const metadata = options.metadata.choose([...gathered.metadata.values()])
    if (metadata.length > 0) this.#body.addFields(encodeWriteRequest({ series: [], metadata }).bytes)
    return { body: this.#body.finish(), counts, dropped, metadata }
  }

  #addBatch(batch: Batch, gathered: Gathered): void {
    if (batch.columns.some(hasUntimedExemplar)) {
      this.#addPlainly(batch, gathered)
      return
    }
    let others: Columns[] = []
    for (const columns of batch.columns) {
      if (columns.kind !== 'samples') {
        others.push(columns)
        continue
      }
      this.#addPlainly({ ...batch, columns: others }, gathered)
      others = []
      this.#addSamples(columns, gathered)
    }
    this.#addPlainly({ ...batch, columns: others }, gathered)
  }

  #addSamples(columns: SampleColumns, gathered: Gathered): void {
    const { series, values, timestampMs } = columns
    if (typeof timestampMs === 'number' && fitsPatch(timestampMs)) {
      const template = this.#forms.template(series)
      if (template === undefined) this.#body.addSamples(columns)
      else this.#body.addPatched(template, columns, timestampMs)
    } else {
      const message = typeof timestampMs === 'object' && timestampMs.every(fitsPatch) ? this.#forms.message(series) : undefined
      if (message === undefined) this.#body.addSamples(columns)
      else this.#body.addHoled(message, columns)
    }
    gathered.counts = addCounts(gathered.counts, { ...zeroCounts, samples: values.length })
    const families = listMetadata(series)
    if (gathered.choice.isQuiet(families)) return
    for (const metadata of families) gathered.metadata.set(metadata.name, metadata)
  }

  #addPlainly(batch: Batch, gathered: Gathered): void {
    if (batch.columns.length === 0) return
    const request = writeRequestOf([batch])
    const { bytes, counts, dropped } = encodeWriteRequest({ series: request.series, metadata: [] })
    this.#body.addFields(bytes)
    gathered.counts = addCounts(gathered.counts, counts)
    for (const { reason, counts: lost } of dropped)
      gathered.dropped.set(reason, addCounts(gathered.dropped.get(reason) ?? zeroCounts, lost))
    for (const metadata of request.metadata) gathered.metadata.set(metadata.name, metadata)
  }
}

/** An exemplar without a time has that of its sample, so the two must be looked at together. */
function hasUntimedExemplar(columns: Columns): boolean {
  return columns.kind === 'exemplars' && columns.exemplars.some(({ timestampMs }) => timestampMs === undefined)
}
