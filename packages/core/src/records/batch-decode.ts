import type { Columns, Counts } from '../model/batch.js'
import { columnsHeadBytes } from './batch-encode.js'
import { decodeColumns } from './columns-decode.js'
import type { DictionaryReader } from './dictionary-reader.js'
import { RecordReader } from './record-reader.js'

/** The head of a columns record; mirrors batch-encode.ts. */
export interface ColumnsHead {
  readonly part: number
  readonly last: boolean
  readonly originId: number
  readonly counts: Counts
  readonly blocks: number
}

/** Reads the head at the beginning of a payload. Throws a PromlineError (`decode`) where there is too little of it. */
export function decodeColumnsHead(payload: Buffer): ColumnsHead {
  const reader = new RecordReader(payload)
  const part = reader.uint16()
  const last = reader.uint8() === 1
  reader.uint8()
  const originId = reader.uint32()
  const counts = { samples: reader.uint32(), histograms: reader.uint32(), exemplars: reader.uint32() }
  return { part, last, originId, counts, blocks: reader.uint32() }
}

/** Reads the columns of a record whose payload is intact. Throws a PromlineError (`decode`) where an entry of the dictionary is missing. */
export function decodePart(payload: Buffer, head: ColumnsHead, dictionary: DictionaryReader): Columns[] {
  const reader = new RecordReader(payload, { at: columnsHeadBytes, float64s: Math.min(head.counts.samples, payload.length >> 3) })
  const listOf = (id: number): Columns['series'] => dictionary.list(id)
  return Array.from({ length: head.blocks }, () => decodeColumns(reader, listOf))
}
