import type { Batch, Counts, Dropped } from '@promline/core'

/** One Kafka record, ready to be sent. */
export interface KafkaRecord {
  /** Absent: the record has no key. The partition never depends on it. */
  readonly key?: Uint8Array
  readonly value: Uint8Array
  /** The record's own timestamp, in milliseconds since the epoch. */
  readonly timestampMs: number
}

/** A record as a format makes it: with what decides its partition, and what it carries. */
export interface FormattedRecord extends KafkaRecord {
  /** Records with equal bytes here go to one partition, so that their order is kept. */
  readonly seriesKey: Uint8Array
  /** The length of `value`, where the format knows it without making the value. */
  readonly valueBytes?: number | undefined
  /** `murmur2(seriesKey)`, where the format knows it already. */
  readonly keyHash?: number | undefined
  readonly counts: Counts
}

/** Records in the order of the samples, and what the format could not carry. Their counts add up to the batches'. */
export interface FormattedRecords {
  readonly records: readonly FormattedRecord[]
  readonly dropped: readonly Dropped[]
}

/** Turns batches into records. Pure: the same batches give the same bytes. Applications may bring their own. */
export interface RecordFormat {
  readonly name: string
  /** Throws a PromlineError `encode` where it cannot carry the batches at all. */
  format(batches: readonly Batch[]): FormattedRecords
}
