import { type Batch, type Counts, type Dropped, zeroCounts } from '@promline/core'
import type { Encoded } from '@promline/core/delivery'
import { partitionOf, partitionOfHash } from './murmur2.js'
import type { FormattedRecord, RecordFormat } from './records.js'

/** What is sent at once: records of one partition. */
export interface KafkaBody {
  readonly topic: string
  readonly partition: number
  readonly records: readonly FormattedRecord[]
  /** What the records were made from, so that the samples of a refused record can be named. */
  readonly batches: readonly Batch[]
}

export interface KafkaEncodeOptions {
  readonly topic: string
  /** How many partitions the topic has. */
  readonly partitions: number
  readonly format: RecordFormat
  readonly maxRequestBytes: number
}

/**
 * The most that a record takes beside its key and value: length, attributes, timestamp delta, offset delta, the lengths of key and value,
 * number of headers (5 + 1 + 10 + 5 + 5 + 5 + 1). https://kafka.apache.org/documentation/#record
 */
const recordOverheadBytes = 32
/** A record batch's header (61 bytes) and the request around it: client id, topic, framing. */
const requestOverheadBytes = 512

/** What a record takes in a request, at most. */
export function recordBytes(record: FormattedRecord): number {
  return (record.valueBytes ?? record.value.length) + (record.key?.length ?? 0) + recordOverheadBytes
}

/** What a request of these records takes, at most, before compression. */
export function requestBytes(records: readonly FormattedRecord[]): number {
  return records.reduce((sum, record) => sum + recordBytes(record), requestOverheadBytes)
}

interface OpenPart {
  readonly records: FormattedRecord[]
  bytes: number
  /** Added up in place: a request has some thousand records. */
  readonly counts: { -readonly [Kind in keyof Counts]: Counts[Kind] }
}

/**
 * Batches as requests, each of one partition (`topic/partition`) and of at most `maxRequestBytes`; only a record that is larger by itself
 * makes a larger one. Where nothing is left, one part without records says what was dropped.
 */
export function encodeKafka(batches: readonly Batch[], options: KafkaEncodeOptions): readonly Encoded<KafkaBody>[] {
  const { records, dropped } = options.format.format(batches)
  const perPartition = new Map<number, OpenPart[]>()
  for (const record of records) {
    const partition = partitionOfRecord(record, options.partitions)
    let parts = perPartition.get(partition)
    if (parts === undefined) {
      parts = []
      perPartition.set(partition, parts)
    }
    addTo(parts, record, options.maxRequestBytes)
  }
  if (records.length === 0) return dropped.length === 0 ? [] : [nothingLeft(options.topic, dropped)]
  const encoded: Encoded<KafkaBody>[] = []
  for (const [partition, parts] of perPartition) {
    for (const part of parts) {
      const body = { topic: options.topic, partition, records: part.records, batches }
      encoded.push({ part: `${options.topic}/${partition}`, body, bytes: part.bytes, counts: part.counts })
    }
  }
  if (dropped.length > 0) encoded[0] = { ...encoded[0]!, dropped }
  return encoded
}

function partitionOfRecord(record: FormattedRecord, partitions: number): number {
  return record.keyHash === undefined ? partitionOf(record.seriesKey, partitions) : partitionOfHash(record.keyHash, partitions)
}

function addTo(parts: OpenPart[], record: FormattedRecord, maxRequestBytes: number): void {
  const bytes = recordBytes(record)
  let last = parts[parts.length - 1]
  if (last === undefined || last.bytes + bytes > maxRequestBytes) {
    last = { records: [], bytes: requestOverheadBytes, counts: { ...zeroCounts } }
    parts.push(last)
  }
  last.records.push(record)
  last.bytes += bytes
  last.counts.samples += record.counts.samples
  last.counts.histograms += record.counts.histograms
  last.counts.exemplars += record.counts.exemplars
}

function nothingLeft(topic: string, dropped: readonly Dropped[]): Encoded<KafkaBody> {
  return { part: `${topic}/0`, body: { topic, partition: 0, records: [], batches: [] }, bytes: 0, counts: zeroCounts, dropped }
}
