import { addCounts, type Batch, batchOf, countsOf, type Counts, type Rejected, samplesOf, totalOf, zeroCounts } from '@promline/core'
import type { FormattedRecord, RecordFormat } from './records.js'

/** Records `start` to `end`, exclusive. */
export interface RecordRange {
  readonly start: number
  readonly end: number
}

/** A record that was refused for good. */
export interface RefusedRecord {
  readonly record: FormattedRecord
  readonly reason: 'too-large' | 'invalid'
  readonly message: string
}

/**
 * How far the sending of one body has come. A broker refuses a request as a whole for one record in it: the body is then divided until
 * that record stands alone. Rows stay whole, their order stays, and what was settled stays so over retries.
 */
export class BodyProgress {
  /** What is still to be sent; the last is the next. */
  readonly #pending: RecordRange[]
  readonly #refused: RefusedRecord[] = []

  constructor(records: number) {
    this.#pending = records === 0 ? [] : [{ start: 0, end: records }]
  }

  /** What is to be sent next; undefined when all is settled. */
  get next(): RecordRange | undefined {
    return this.#pending[this.#pending.length - 1]
  }

  get refused(): readonly RefusedRecord[] {
    return this.#refused
  }

  /** The next range is stored. */
  stored(): void {
    this.#pending.pop()
  }

  /** The next range, of one record, is refused. */
  refuse(refused: RefusedRecord): void {
    this.#pending.pop()
    this.#refused.push(refused)
  }

  /** The next range is refused and has more than one record: its halves come next, in order. */
  divide(): void {
    const range = this.#pending.pop()
    if (range === undefined) return
    const middle = Math.ceil((range.start + range.end) / 2)
    this.#pending.push({ start: middle, end: range.end }, { start: range.start, end: middle })
  }
}

/** What delivery is told of refused records: how much, why, and which samples they were made of. */
export function toRejected(refused: readonly RefusedRecord[], format: RecordFormat, batches: readonly Batch[]): Rejected | undefined {
  const first = refused[0]
  if (first === undefined) return undefined
  const counts = refused.reduce<Counts>((sum, { record }) => addCounts(sum, record.counts), zeroCounts)
  const samples = samplesOfRecords(
    refused.map(({ record }) => record),
    format,
    batches,
  )
  const found = samples.reduce<Counts>((sum, batch) => addCounts(sum, countsOf(batch)), zeroCounts)
  // A format of one's own may not let itself be traced back sample by sample: then the samples are counted and not named.
  const known = totalOf(found) === totalOf(counts)
  return { counts, reason: first.reason, message: first.message, ...(known && { batches: samples }) }
}

/**
 * The samples that records were made of. Records do not say it, since it is hardly ever asked: each sample is formatted by itself, and
 * belongs to the record with its series key and timestamp.
 */
function samplesOfRecords(records: readonly FormattedRecord[], format: RecordFormat, batches: readonly Batch[]): readonly Batch[] {
  return batches.flatMap((batch) => {
    const own = new Set(format.format([batch]).records.map(contentOf))
    const wanted = new Set(records.filter((record) => own.has(contentOf(record))).map(placeOf))
    if (wanted.size === 0) return []
    const samples = [...samplesOf(batch)].filter((sample) => {
      const [record] = format.format([batchOf([sample], batch.origin)]).records
      return record !== undefined && wanted.has(placeOf(record))
    })
    return samples.length === 0 ? [] : [batchOf(samples, batch.origin)]
  })
}

function contentOf(record: FormattedRecord): string {
  return `${record.timestampMs} ${Buffer.from(record.value).toString('latin1')}`
}

function placeOf(record: FormattedRecord): string {
  return `${record.timestampMs} ${Buffer.from(record.seriesKey).toString('latin1')}`
}
