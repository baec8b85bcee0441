import type { Batch, Columns } from '../model/batch.js'
import { encodeColumns, estimateBytes } from './columns-encode.js'
import type { BatchHead, DictionaryWriter } from './dictionary-writer.js'
import type { RecordWriter } from './record-writer.js'
import { recordType } from './record-format.js'

/**
 * Payload of a columns record, version 1; batch-decode.ts mirrors it:
 *
 *   0  2  part: 0 for the first record of a batch
 *   2  1  1 in the last record of a batch
 *   3  1  0
 *   4  4  id of the origin
 *   8  4  samples in this record
 *  12  4  histograms
 *  16  4  exemplars
 *  20  4  number of blocks
 *  24     blocks: columns-encode.ts
 */
export const columnsHeadBytes = 24
const lastOffset = 2
const countOffsets = { samples: 8, histograms: 12, exemplars: 16 } as const
const blocksOffset = 20

interface EncodeTarget {
  readonly writer: RecordWriter
  readonly dictionary: DictionaryWriter
  /** A record is cut here, between columns: ones that are larger still stand in a record of their own. */
  readonly maxRecordBytes: number
}

/**
 * Writes the records of a batch: what the dictionary lacks, then its columns. Yields after each record but the last, which makes the
 * batch count: so the complete ones can be taken out of the writer before it goes on.
 */
export function* encodeBatch(batch: Batch, head: BatchHead, target: EncodeTarget): Generator<undefined, void> {
  yield* target.dictionary.write(batch, head)
  const { originId } = target.dictionary
  let part = 0
  let from = encodePart(batch.columns, { from: 0, part: part++, originId, head }, target)
  while (from < batch.columns.length) {
    yield
    from = encodePart(batch.columns, { from, part: part++, originId, head }, target)
  }
}

/** Writes one columns record and returns the index of the first columns that it has no room for. */
function encodePart(
  columns: readonly Columns[],
  place: { from: number; part: number; originId: number; head: BatchHead },
  target: EncodeTarget,
): number {
  const { writer, dictionary, maxRecordBytes } = target
  const counts = { samples: 0, histograms: 0, exemplars: 0 }
  writer.begin()
  beginHead(writer, place)
  let next = place.from
  for (; next < columns.length; next++) {
    const one = columns[next]!
    const before = writer.payloadBytes
    if (next > place.from && before + estimateBytes(one) > maxRecordBytes) break
    counts[one.kind] += encodeColumns(writer, one, dictionary.listId(one.series))
    dictionary.addColumnBytes(one.series, writer.payloadBytes - before)
  }
  writer.patchUint8(lastOffset, next === columns.length ? 1 : 0)
  writer.patchUint32(countOffsets.samples, counts.samples)
  writer.patchUint32(countOffsets.histograms, counts.histograms)
  writer.patchUint32(countOffsets.exemplars, counts.exemplars)
  writer.patchUint32(blocksOffset, next - place.from)
  writer.end(recordType.columns, place.head)
  return next
}

/** The head as far as it is known; the rest is patched in. */
function beginHead(writer: RecordWriter, place: { part: number; originId: number }): void {
  writer.uint16(place.part)
  writer.uint16(0)
  writer.uint32(place.originId)
  for (let i = 0; i < 4; i++) writer.uint32(0)
}
