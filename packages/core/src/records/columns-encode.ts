import type { Batch, Columns, ExemplarColumns, HistogramColumns, SampleColumns } from '../model/batch.js'
import type { Exemplar } from '../model/histogram.js'
import { rowsOf } from './assert-batch.js'
import { encodeHistogram, estimateHistogramBytes } from './histogram-encode.js'
import type { RecordWriter } from './record-writer.js'

/**
 * A block of a columns record, version 1; columns-decode.ts mirrors it:
 *
 *   u8 kind: 1 samples, 2 histograms, 3 exemplars
 *   u8 flags: 1 a timestamp a row, 2 stale rows, 4 start timestamps
 *   u16 0
 *   u32 id of the list
 *   u32 rows
 *   samples, histograms: f64 timestamp, or one a row | [stale: a bit a row, the lowest first] | [start timestamps: f64 a row]
 *   samples:    f64 a row
 *   histograms: histogram-encode.ts, a row after the other
 *   exemplars:  u16 row of the list, for each | (u8 1 with timestamp | f64 value | [f64 timestamp] | varint length, labels) for each
 */
export const blockKind = { samples: 1, histograms: 2, exemplars: 3 } as const
export const blockFlag = { timestamps: 1, stale: 2, starts: 4 } as const

const headBytes = 20
/** An exemplar without its labels, with some room. */
const exemplarBytes = 24

/** Writes columns as a block and returns the number of their rows. Throws a PromlineError (`encode`), as `rowsOf`. */
export function encodeColumns(writer: RecordWriter, columns: Columns, listId: number): number {
  const rows = rowsOf(columns)
  writer.uint8(blockKind[columns.kind])
  if (columns.kind === 'exemplars') {
    writer.uint8(0)
    writer.uint16(0)
    writer.uint32(listId)
    writer.uint32(rows)
    encodeExemplars(writer, columns)
    return rows
  }
  writer.uint8(flagsOf(columns))
  writer.uint16(0)
  writer.uint32(listId)
  writer.uint32(rows)
  encodeTimes(writer, columns, rows)
  if (columns.kind === 'samples') writer.float64s(columns.values)
  else for (const histogram of columns.histograms) encodeHistogram(writer, histogram)
  return rows
}

/** About what a block takes: what decides where a record is cut. */
export function estimateBytes(columns: Columns): number {
  if (columns.kind === 'exemplars')
    return columns.exemplars.reduce((bytes, { labels }) => bytes + exemplarBytes + labels.bytes.length, headBytes)
  const { length } = columns.series
  const timestamps = typeof columns.timestampMs === 'number' ? 0 : 8 * length
  const flags = (columns.stale === undefined ? 0 : length / 8) + (columns.startTimestampMs === undefined ? 0 : 8 * length)
  if (columns.kind === 'samples') return headBytes + timestamps + flags + 8 * length
  return columns.histograms.reduce((bytes, histogram) => bytes + estimateHistogramBytes(histogram), headBytes + timestamps + flags)
}

/** What a batch takes beside its columns, about: objects and the heads of its records. */
const batchBytes = 256

/** About what a batch takes, without what the dictionary lacks of its lists. */
export function estimateBatchBytes({ columns }: Batch): number {
  let bytes = batchBytes
  for (const one of columns) bytes += estimateBytes(one)
  return bytes
}

function flagsOf(columns: SampleColumns | HistogramColumns): number {
  return (
    (typeof columns.timestampMs === 'number' ? 0 : blockFlag.timestamps) |
    (columns.stale === undefined ? 0 : blockFlag.stale) |
    (columns.startTimestampMs === undefined ? 0 : blockFlag.starts)
  )
}

function encodeTimes(writer: RecordWriter, columns: SampleColumns | HistogramColumns, rows: number): void {
  if (typeof columns.timestampMs === 'number') writer.float64(columns.timestampMs)
  else writer.float64s(columns.timestampMs)
  if (columns.stale !== undefined) {
    for (let i = 0; i < rows; i += 8) {
      let bits = 0
      for (let bit = 0; bit < 8 && i + bit < rows; bit++) if (columns.stale[i + bit] === 1) bits |= 1 << bit
      writer.uint8(bits)
    }
  }
  if (columns.startTimestampMs !== undefined) writer.float64s(columns.startTimestampMs)
}

function encodeExemplars(writer: RecordWriter, columns: ExemplarColumns): void {
  for (const row of columns.rows) writer.uint16(row)
  for (const exemplar of columns.exemplars) encodeExemplar(writer, exemplar)
}

function encodeExemplar(writer: RecordWriter, exemplar: Exemplar): void {
  writer.uint8(exemplar.timestampMs === undefined ? 0 : 1)
  writer.float64(exemplar.value)
  if (exemplar.timestampMs !== undefined) writer.float64(exemplar.timestampMs)
  writer.sized(exemplar.labels.bytes)
}
