import { type Corpus, type CorpusName, corpusVersions, createCorpus } from '../corpus/corpus.js'
import type { Work } from './agents.js'
import { ServedPages } from './served-pages.js'

/** What an agent is given to do, again and again. */
export interface LoadOptions {
  readonly corpus: CorpusName
  /** That many targets, all of which serve the corpus. */
  readonly targets: number
  readonly intervalMs: number
  /** Scrapes of each target before the measured ones: connections, caches, optimisations of V8, and templates made at second sight. */
  readonly warmScrapes: number
  readonly measuredScrapes: number
}

/** The same with its pages, made once for all agents and rounds. */
export interface Load extends Omit<LoadOptions, 'corpus'> {
  readonly corpus: Corpus
  /** The pages as they must arrive. */
  readonly served: ServedPages
}

/** An agent asks for no more than this after the measured part, before it is stopped. */
const spareVersions = 3

/** Makes the pages. A corpus whose series come and go never begins again: what has gone stays away. */
export function createLoad({ corpus: name, ...options }: LoadOptions): Load {
  const isEndless = name === 'churn20000'
  const corpus = createCorpus(name, isEndless ? options.warmScrapes + options.measuredScrapes + spareVersions : corpusVersions)
  return { ...options, corpus, served: new ServedPages(corpus.pages) }
}

/** What an agent is configured with. */
export function workOf(load: Pick<Load, 'targets' | 'intervalMs'>, at: { readonly server: string; readonly sink: string }): Work {
  return {
    targets: Array.from({ length: load.targets }, (_, i) => ({ address: at.server, path: `/${i}`, instance: `host-${i}:9100` })),
    remoteWriteUrl: `http://${at.sink}/api/v1/write`,
    intervalMs: load.intervalMs,
  }
}
