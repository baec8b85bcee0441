import { type Batch, metricNameLabel, samplesOf } from '@promline/core'
import { type CorpusName, createCorpus } from '../corpus/corpus.js'
import { assertSamePage, seriesKey } from '../corpus/read-page.js'
import { ReplayScraper } from '../parse/replay-scraper.js'

/** About what a large request carries. */
const samplesPerRequest = 10_000

/** A sample as the peers take it; value and time are set anew for every run. */
export interface Row {
  readonly name: string
  /** Sorted, without the name. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
}

/** One version of what is encoded: the same samples twice. */
export interface Version {
  readonly batch: Batch
  readonly rows: readonly Row[]
}

/** What is encoded at one time. */
export interface Turn {
  readonly version: Version
  readonly timestampMs: number
}

/** Successive scrapes of a target, some 10,000 samples of each. */
export interface EncodeInput {
  /** Of a run, on average. */
  readonly samples: number
  readonly versions: readonly Version[]
  /** The next version in turn, a second later than the last one. */
  next(): Turn
}

/** Scrapes the corpus, so that the batches hold the lists that a real target's would: the same objects as long as its series stay. */
export async function createEncodeInput(corpus: CorpusName): Promise<EncodeInput> {
  const scraper = new ReplayScraper()
  const versions: Version[] = []
  for (const page of createCorpus(corpus).pages) versions.push(versionOf(await scraper.scrape(page)))
  await scraper.close()
  let turn = 0
  return {
    samples: versions.reduce((sum, { rows }) => sum + rows.length, 0) / versions.length,
    versions,
    next: () => {
      const version = versions[turn % versions.length]!
      return { version, timestampMs: 1_704_067_200_000 + 1000 * turn++ }
    },
  }
}

/** The batch of a turn, as the scraper would hand it on: new columns on the same lists and values. */
export function batchOfTurn({ version: { batch }, timestampMs }: Turn): Batch {
  return { ...batch, columns: batch.columns.map((columns) => (columns.kind === 'samples' ? { ...columns, timestampMs } : columns)) }
}

/** Throws unless these are the samples of the rows. */
export function assertSameRows(rows: readonly Row[], samples: Iterable<readonly [key: string, value: number]>): void {
  assertSamePage(new Map(rows.map(({ name, labels, value }) => [seriesKey(name, labels), value])), samples)
}

function versionOf(scraped: Batch): Version {
  let count = 0
  const columns = scraped.columns.filter((one) => {
    if (one.kind !== 'samples' || one.series.automatic !== undefined || one.stale !== undefined || count >= samplesPerRequest) return false
    count += one.values.length
    return true
  })
  const batch = { ...scraped, columns }
  const rows = Array.from(samplesOf(batch), ({ labels, value }) => {
    const { [metricNameLabel]: name = '', ...rest } = labels.toObject()
    return { name, labels: Object.entries(rest), value }
  })
  return { batch, rows }
}
