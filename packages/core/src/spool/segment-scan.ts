import { decodeColumnsHead } from '../records/batch-decode.js'
import { columnsHeadBytes } from '../records/batch-encode.js'
import { FileWindow } from './file-window.js'
import type { SpoolFile } from './file-system.js'
import { type FoundRecord, findRecord, isPlausible, peekRecord, type ScanLimits } from './record-scan.js'
import { Segment } from './segment.js'
import { decodeRecordHeader, recordHeaderBytes, recordType } from '../records/record-format.js'
import { decodeSegmentHeader, formatVersion, type SegmentHeader, segmentHeaderBytes } from './segment-format.js'

/** Read at a time: a few records of the largest ordinary size, so that the disk is the limit and not the calls. */
const scanBytes = 4 * 1024 * 1024

type HeaderState = 'good' | 'damaged' | 'torn' | 'unknown'

/** What a scan found in a file. */
export interface ScannedSegment {
  readonly segment: Segment
  /** `unknown`: of a version that we do not know. `damaged`: the batches are good all the same, where there are any. */
  readonly header: HeaderState
  /** What the header says; undefined where it says nothing. */
  readonly stored: SegmentHeader | undefined
  /** Runs of bytes that are no record, with intact ones after them. */
  readonly damagedRecords: number
  /** Bytes after the last complete batch, void ones left out. */
  readonly trailingBytes: number
  /**
   * What these bytes are: something that was written whole, and is damaged, rather than the beginning of something. A length that is
   * damaged looks like one that was not written to its end, so in doubt it is the latter.
   */
  readonly isTrailDamaged: boolean
}

/** A batch whose records are being met. */
interface OpenBatch {
  readonly seq: number
  readonly start: number
  /** The part that comes next; -1 once one is missing. */
  nextPart: number
}

/** Reads a whole segment, checks every record, and tells which batches are complete. Those from `bound` on are void. */
export async function scanSegment(file: SpoolFile, place: { firstSeq: number; bound: number }): Promise<ScannedSegment> {
  const size = await file.size()
  const window = new FileWindow(file, { limit: size, aheadBytes: Math.min(scanBytes, size) })
  const headerBytes = await window.load(0, segmentHeaderBytes)
  const stored = headerBytes && decodeSegmentHeader(headerBytes)
  const header = size < segmentHeaderBytes ? 'torn' : judgeHeader(stored, place.firstSeq)
  const segment = new Segment(place.firstSeq, segmentHeaderBytes)
  if (header === 'torn' || header === 'unknown') {
    return { segment, header, stored, damagedRecords: 0, trailingBytes: Math.max(0, size - segmentHeaderBytes), isTrailDamaged: false }
  }
  let damagedRecords = 0
  let batch: OpenBatch | undefined
  let at = segmentHeaderBytes
  let minSeq = place.firstSeq
  let end = size
  let damagedAt = 0
  for (;;) {
    const found = peekRecord(window, at, { end, minSeq }) ?? (await findRecord(window, at, { end, minSeq }))
    if (found === undefined) break
    if (found.header.seq >= place.bound) {
      end = segment.size
      break
    }
    if (found.skipped > 0) {
      damagedRecords++
      damagedAt = found.offset
    }
    if (batch?.seq !== found.header.seq) batch = { seq: found.header.seq, start: found.offset, nextPart: 0 }
    if (found.header.type === recordType.columns && takePart(batch, found, window)) {
      segment.add(batch.seq, { start: batch.start, end: found.end })
      batch = undefined
    }
    at = found.end
    minSeq = found.header.seq
  }
  const isTrailDamaged = damagedAt > segment.size || (await isFrame(window, at, { end, minSeq }))
  return { segment, header, stored, damagedRecords, trailingBytes: end - segment.size, isTrailDamaged }
}

/** Whether there is something of the length that its header says, whatever its checksum. */
async function isFrame(window: FileWindow, at: number, limits: ScanLimits): Promise<boolean> {
  const bytes = await window.view(at, recordHeaderBytes)
  return bytes !== undefined && isPlausible(decodeRecordHeader(bytes, 0), at, { ...limits, maxSeq: limits.minSeq + 1 })
}

function judgeHeader(header: SegmentHeader | undefined, firstSeq: number): HeaderState {
  if (header === undefined || header.firstSeq !== firstSeq) return 'damaged'
  return header.version === formatVersion ? 'good' : 'unknown'
}

/** Notes a columns record and says whether it makes its batch complete. */
function takePart(batch: OpenBatch, found: FoundRecord, window: FileWindow): boolean {
  const payload = window.peek(found.offset + recordHeaderBytes, columnsHeadBytes)
  if (payload === undefined || found.header.length < columnsHeadBytes) return false
  const { part, last } = decodeColumnsHead(payload)
  if (part !== batch.nextPart) batch.nextPart = -1
  else batch.nextPart++
  return last && batch.nextPart > 0
}
