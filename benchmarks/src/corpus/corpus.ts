import { churningPage } from './churning.js'
import { fewLabelsPage } from './few-labels.js'
import { histogramPage } from './histograms.js'
import { kubeStatePage } from './kube-state.js'
import { nodePage } from './node-pages.js'
import { numberedPage } from './numbered.js'
import { tinyPage } from './tiny.js'

/** What is served: see benchmarks/README.md. */
export type CorpusName = 'node' | 'ksm' | 'hist' | 'tiny' | 'n10000' | 'n100000' | 'n500000' | 'few10000' | 'churn20000'

/** Successive scrapes of one target. */
export interface Corpus {
  readonly name: CorpusName
  readonly pages: readonly Uint8Array[]
  /** Of each page: a series that goes makes room for one that comes. */
  readonly samples: number
}

const generators: Readonly<Record<CorpusName, (version: number) => string>> = {
  node: nodePage,
  ksm: kubeStatePage,
  hist: histogramPage,
  tiny: tinyPage,
  n10000: (version) => numberedPage(10_000, version),
  n100000: (version) => numberedPage(100_000, version),
  n500000: (version) => numberedPage(500_000, version),
  few10000: (version) => fewLabelsPage(10_000, version),
  churn20000: (version) => churningPage(20_000, version),
}

/** Enough that no two neighbours are equal, and that what is learned of one page meets another. */
export const corpusVersions = 4

/**
 * Makes the pages of a corpus. All but `node` are the same on every machine.
 *
 * @param versions that many pages; of `node` there are `corpusVersions`
 */
export function createCorpus(name: CorpusName, versions: number = corpusVersions): Corpus {
  const generate = generators[name]
  const pages = Array.from({ length: versions }, (_, version) => Buffer.from(generate(version)))
  return { name, pages, samples: countSamples(pages[0]!) }
}

function countSamples(page: Buffer): number {
  let count = 0
  for (let start = 0; start < page.length; start = page.indexOf('\n', start) + 1) if (page[start] !== 0x23) count++
  return count
}
