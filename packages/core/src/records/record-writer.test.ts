import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRecordHeader, isIntact, recordHeaderBytes, recordType } from './record-format.js'
import { type RecordMark, RecordWriter } from './record-writer.js'

/** Writes a record of so many bytes that say which one it is. */
function writeRecord(writer: RecordWriter, seq: number, bytes: number): void {
  writer.begin()
  for (let left = bytes; left > 0; left -= 100_000) writer.bytesOf(new Uint8Array(Math.min(left, 100_000)).fill(seq))
  writer.end(recordType.columns, { seq, appendedMs: 1 })
}

/** The records that a writer holds. */
function readRecords(writer: RecordWriter): { readonly seq: number; readonly bytes: number }[] {
  const found: { seq: number; bytes: number }[] = []
  for (const chunk of writer.chunks()) {
    for (let at = 0; at < chunk.length; ) {
      const header = decodeRecordHeader(chunk, at)
      const record = chunk.subarray(at, at + recordHeaderBytes + header.length)
      expect(isIntact(record, header), `record ${header.seq}`).toBe(true)
      expect(record.subarray(recordHeaderBytes).every((byte) => byte === header.seq)).toBe(true)
      found.push({ seq: header.seq, bytes: header.length })
      at += record.length
    }
  }
  return found
}

describe('a writer of records', () => {
  it('holds what was written, whatever was taken back, and in memory that was used before', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), bytes: fc.integer({ min: 0, max: 900_000 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('write' as const), bytes: fc.constantFrom(1_200_000, 2_500_000) }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'mark' as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'rewind' as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'reset' as const }) },
      // A large batch is written record by record, and may be given up after that.
      { weight: 1, arbitrary: fc.constant({ kind: 'reset-and-rewind' as const }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const writer = new RecordWriter()
        let expected: { seq: number; bytes: number }[] = []
        let marks: { readonly mark: RecordMark; readonly length: number }[] = []
        let first = writer.mark()
        let seq = 0
        for (const one of steps) {
          if (one.kind === 'write') {
            seq = (seq + 1) % 200
            writeRecord(writer, seq, one.bytes)
            expected.push({ seq, bytes: one.bytes })
          } else if (one.kind === 'mark') marks.push({ mark: writer.mark(), length: expected.length })
          else if (one.kind === 'rewind') {
            const last = marks.pop()
            if (last !== undefined) writer.rewind(last.mark)
            if (last !== undefined) expected = expected.slice(0, last.length)
          } else {
            writer.reset()
            if (one.kind === 'reset-and-rewind') writer.rewind(first)
            expected = []
            marks = []
            if (one.kind === 'reset') first = writer.mark()
          }
          expect(readRecords(writer)).toEqual(expected)
          expect(writer.bytes).toBe(expected.reduce((sum, { bytes }) => sum + bytes + recordHeaderBytes, 0))
        }
      }),
      { numRuns: 40 },
    )
  }, 120_000)
})
