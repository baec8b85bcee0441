import type { Batch, SampleColumns } from '@promline/core'
import { type CorpusName, createCorpus } from '../corpus/corpus.js'
import { ReplayScraper } from '../parse/replay-scraper.js'

/** What is appended: some successive scrapes of a target, again and again, each with a time of its own. */
export interface Load {
  /** In values of 8 bytes: what every log has to keep, whatever it adds. */
  readonly bytes: number
  readonly batches: number
  /** Batch `index` as promline's sources make it. */
  batchAt(index: number): Batch
  /** The values of the same batch as a record of a log of bytes, its index before them. */
  recordAt(index: number): Buffer
  /** Throws unless these are the values of batch `index`. */
  assertValues(index: number, values: readonly Float64Array[]): void
}

interface Version {
  readonly batch: Batch
  readonly columns: readonly SampleColumns[]
  readonly record: Buffer
}

export const indexBytes = 8

/** Makes about so many bytes of a corpus. */
export async function createLoad(corpus: CorpusName, bytes: number): Promise<Load> {
  const scraper = new ReplayScraper()
  const versions: Version[] = []
  for (const page of createCorpus(corpus).pages) versions.push(versionOf(await scraper.scrape(page)))
  await scraper.close()
  const versionAt = (index: number): Version => versions[index % versions.length]!
  const perTurn = versions.reduce((sum, { record }) => sum + record.length - indexBytes, 0)
  const batches = Math.ceil(bytes / perTurn) * versions.length
  return {
    bytes: (batches / versions.length) * perTurn,
    batches,
    batchAt: (index) => {
      const { batch, columns } = versionAt(index)
      return { ...batch, columns: columns.map((one) => ({ ...one, timestampMs: index })) }
    },
    recordAt: (index) => {
      const record = Buffer.from(versionAt(index).record)
      record.writeDoubleLE(index, 0)
      return record
    },
    assertValues: (index, values) => {
      const expected = versionAt(index).record.subarray(indexBytes)
      if (!Buffer.concat(values.map(bytesOf)).equals(expected)) throw new Error(`batch ${index} is not what was appended`)
    },
  }
}

/** The values of a record, and its index. */
export function readRecord(record: Uint8Array): { readonly index: number; readonly values: Float64Array } {
  // A copy, as a reader would need one: what a log gives out is its own memory, and seldom aligned.
  const aligned = Uint8Array.from(record)
  const all = new Float64Array(aligned.buffer)
  return { index: all[0]!, values: all.subarray(1) }
}

function versionOf(batch: Batch): Version {
  const columns = batch.columns.flatMap((one) => (one.kind === 'samples' ? [one] : []))
  return { batch, columns, record: Buffer.concat([Buffer.alloc(indexBytes), ...columns.map(({ values }) => bytesOf(values))]) }
}

function bytesOf(values: Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength)
}
