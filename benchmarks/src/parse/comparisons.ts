import { type Batch, type Labels, metricNameLabel, parseTextEntries, samplesOf } from '@promline/core'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { type Corpus, type CorpusName, createCorpus } from '../corpus/corpus.js'
import { assertSamePage, readPage, seriesKey } from '../corpus/read-page.js'
import type { Checked, Comparison, Subject, Task } from '../harness/comparison.js'
import { peerSamples } from './peer-samples.js'
import { ReplayScraper } from './replay-scraper.js'

const corpora: readonly CorpusName[] = ['node', 'ksm', 'hist', 'tiny', 'n10000', 'n100000', 'n500000']

/** What turns a page into whatever the subject makes of it. */
interface Parser {
  parse(page: Uint8Array): unknown
  check(page: Uint8Array): Checked | Promise<Checked>
}

/** A new subject is one line here. The first is what ratios are of. */
const parsers: readonly [Named, ...Named[]] = [
  { name: 'parse-prometheus-text-format', create: peer },
  { name: 'lazy', create: lazy },
  { name: 'objects', create: objects },
  { name: 'cold', create: cold },
  { name: 'warm', create: () => warm(false) },
  { name: 'warm-wasm', create: () => warm(true) },
]

interface Named {
  readonly name: string
  readonly create: () => Parser
}

/** Pages to samples, each corpus in its four versions, in turn. */
export const parseComparisons: readonly Comparison[] = corpora.map((corpus) => {
  const [base, ...others] = parsers
  return { name: `parse/${corpus}`, bytesOf: 'input', subjects: [subjectOf(base, corpus), ...others.map((one) => subjectOf(one, corpus))] }
})

function subjectOf({ name, create }: Named, corpus: CorpusName): Subject {
  return { name, create: () => taskOf(create(), createCorpus(corpus)) }
}

function taskOf(parser: Parser, { pages, samples }: Corpus): Task {
  let turn = 0
  return {
    samples,
    bytes: pages.reduce((sum, page) => sum + page.length, 0) / pages.length,
    run() {
      const done = parser.parse(pages[turn++ % pages.length]!)
      return done instanceof Promise ? done : undefined
    },
    async check() {
      let checked: Checked = {}
      for (const page of pages) checked = await parser.check(page)
      return checked
    },
  }
}

/** The npm package. What it finds must be right; of histograms it keeps one label set a family, which is said. */
function peer(): Parser {
  const parse = (page: Uint8Array) => parsePrometheusTextFormat(Buffer.from(page.buffer, page.byteOffset, page.length).toString('utf8'))
  return {
    parse,
    check(page) {
      const expected = readPage(page)
      const found = new Map(
        [...peerSamples(parse(page))].map(({ name, labels, value }) => [seriesKey(name, Object.entries(labels)), value]),
      )
      if (found.size === expected.size) assertSamePage(expected, found)
      return found.size === expected.size ? {} : { remark: `finds ${found.size} of ${expected.size} samples` }
    },
  }
}

/** `parseTextEntries` for somebody who wants the values: nobody looks at the labels, so no string is made. */
function lazy(): Parser {
  return {
    parse(page) {
      let sum = 0
      parseTextEntries(page, { mode: 'prometheus' }, (entry) => {
        sum += entry.value
      })
      return sum
    },
    check: checkEntries,
  }
}

/** `parseTextEntries` into what the npm package makes: plain objects with all labels as strings. */
function objects(): Parser {
  return {
    parse(page) {
      const samples: { readonly labels: Record<string, string>; readonly value: number }[] = []
      parseTextEntries(page, { mode: 'prometheus' }, ({ labels, value }) => samples.push({ labels: labels.toObject(), value }))
      return samples
    },
    check: checkEntries,
  }
}

function checkEntries(page: Uint8Array): Checked {
  const samples: [string, number][] = []
  parseTextEntries(page, { mode: 'prometheus' }, ({ labels, value }) => samples.push([keyOf(labels), value]))
  assertSamePage(readPage(page), samples)
  return {}
}

/** The first scrape of a target: everything is new. */
function cold(): Parser {
  const scrape = async (page: Uint8Array): Promise<Batch> => {
    const scraper = new ReplayScraper()
    const batch = await scraper.scrape(page)
    await scraper.close()
    return batch
  }
  return { parse: scrape, check: async (page) => checkBatch(await scrape(page), page) }
}

/** The next scrape of a target that was scraped before; in plain JavaScript, or as it is by default. */
function warm(webAssembly: boolean): Parser {
  const scraper = new ReplayScraper({ webAssembly })
  return { parse: (page) => scraper.scrape(page), check: async (page) => checkBatch(await scraper.scrape(page), page) }
}

function checkBatch(batch: Batch, page: Uint8Array): Checked {
  const columns = batch.columns.filter(({ series }) => series.automatic === undefined)
  const samples = [...samplesOf({ ...batch, columns })].filter(({ stale }) => !stale)
  assertSamePage(
    readPage(page),
    samples.map(({ labels, value }) => [keyOf(labels), value]),
  )
  return {}
}

/** The key of a series without what the scraper attached. */
function keyOf(labels: Labels): string {
  const { [metricNameLabel]: name = '', job: _job, instance: _instance, ...rest } = labels.toObject()
  return seriesKey(name, Object.entries(rest))
}
