import type { Columns, ExemplarColumns } from '../model/batch.js'
import { PromlineError } from '../model/errors.js'
import type { Exemplar } from '../model/histogram.js'
import { labelsFromBytes } from '../model/labels.js'
import type { SeriesList } from '../model/series-list.js'
import { blockFlag, blockKind } from './columns-encode.js'
import { decodeHistogram } from './histogram-decode.js'
import type { RecordReader } from './record-reader.js'

/** Reads a block; mirrors encodeColumns. Throws a PromlineError (`decode`) where the list is unknown or the block is not what it says. */
export function decodeColumns(reader: RecordReader, listOf: (id: number) => SeriesList): Columns {
  const kind = reader.uint8()
  const flags = reader.uint8()
  reader.uint16()
  const series = listOf(reader.uint32())
  const rows = reader.uint32()
  if (kind === blockKind.exemplars) return decodeExemplars(reader, series, rows)
  if (series.length !== rows) throw new PromlineError('decode', `a block of ${rows} rows for a list of ${series.length} series`)
  const timestampMs = (flags & blockFlag.timestamps) === 0 ? reader.float64() : reader.float64s(rows)
  const stale = (flags & blockFlag.stale) === 0 ? undefined : decodeStale(reader, rows)
  const startTimestampMs = (flags & blockFlag.starts) === 0 ? undefined : reader.float64s(rows)
  const optional = { ...(stale !== undefined && { stale }), ...(startTimestampMs !== undefined && { startTimestampMs }) }
  if (kind === blockKind.samples) return { kind: 'samples', series, values: reader.float64s(rows), timestampMs, ...optional }
  if (kind !== blockKind.histograms) throw new PromlineError('decode', `a block of unknown kind ${kind}`)
  const histograms = Array.from({ length: rows }, () => decodeHistogram(reader))
  return { kind: 'histograms', series, histograms, timestampMs, ...optional }
}

function decodeStale(reader: RecordReader, rows: number): Uint8Array {
  const bits = reader.view(Math.ceil(rows / 8))
  const stale = new Uint8Array(rows)
  for (let i = 0; i < rows; i++) stale[i] = (bits[i >> 3]! >> (i & 7)) & 1
  return stale
}

function decodeExemplars(reader: RecordReader, series: SeriesList, count: number): ExemplarColumns {
  const places = reader.view(2 * count)
  const rows = new Uint16Array(count)
  for (let i = 0; i < count; i++) rows[i] = places.readUInt16LE(2 * i)
  return { kind: 'exemplars', series, rows, exemplars: Array.from({ length: count }, () => decodeExemplar(reader)) }
}

function decodeExemplar(reader: RecordReader): Exemplar {
  const timed = reader.uint8() === 1
  const value = reader.float64()
  const timestampMs = timed ? reader.float64() : undefined
  const labels = labelsFromBytes(Uint8Array.from(reader.sized()))
  return timestampMs === undefined ? { labels, value } : { labels, value, timestampMs }
}
