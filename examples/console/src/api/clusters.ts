import { type ClusterBook, keyOf } from '../clusters/cluster-book.js'
import type { ClusterEntry } from '../clusters/cluster-entry.js'
import type { Refusals } from '../clusters/client-answers.js'
import type { Comparison, Figures } from '../clusters/comparison.js'

/** One cluster as one pipeline sees it. */
export interface ClusterView {
  readonly pipeline: string
  /** The label's value; '' for what has no such label. */
  readonly cluster: string
  readonly samplesPerSecond: number
  /** Series that are scraped now. */
  readonly series: number
  readonly lastSeenMs: number
  /** The newest timestamp of a sample. */
  readonly newestMs: number
  /** Without anything for this long it counts as silent. */
  readonly silentAfterMs: number
  readonly silent: boolean
  /** Of the receiver, those that wrote for it lately. */
  readonly clients: readonly string[]
  /** Of these clients. */
  readonly refused: Refusals
  /** What each of the comparisons comes to. */
  readonly figures: Figures
}

/** What the part about clusters shows. */
export interface ClustersSnapshot {
  readonly atMs: number
  /** Whether there is anything to be compared: it was asked for, or there is more than one cluster. */
  readonly shown: boolean
  readonly label: string
  readonly clusters: readonly ClusterView[]
  readonly compare: Comparison['queries']
  /** The comparisons mean more series than are added up: the figures are too low. */
  readonly isCut: boolean
  /** Refused requests of clients that write for none of the clusters: nothing of theirs was taken, or they prove nothing. */
  readonly strangers: Readonly<Record<string, Refusals>>
}

export interface ClusterSources {
  readonly book: ClusterBook
  readonly comparison: Comparison
  readonly label: string
  /** Whether the part is wanted, however many clusters there are. */
  readonly isWanted: boolean
  readonly refused: () => ReadonlyMap<string, Refusals>
  readonly now: () => number
}

/** The clusters at this moment, those that are silent first. */
export function takeClusters(sources: ClusterSources): ClustersSnapshot {
  const { book, comparison, label, isWanted } = sources
  const nowMs = sources.now()
  const refused = sources.refused()
  const { figures, isCut } = comparison.compare(nowMs)
  const { entries } = book
  const clusters = entries.map((entry) => viewOf(entry, { nowMs, refused, figures, none: comparison.queries.map(() => null) })).sort(order)
  const known = new Set(clusters.flatMap(({ clients }) => clients))
  return {
    atMs: nowMs,
    shown: isWanted || new Set(clusters.flatMap(({ cluster }) => (cluster === '' ? [] : cluster))).size > 1,
    label,
    clusters,
    compare: comparison.queries,
    isCut,
    strangers: Object.fromEntries([...refused].filter(([client]) => !known.has(client))),
  }
}

interface Context {
  readonly nowMs: number
  readonly refused: ReadonlyMap<string, Refusals>
  readonly figures: ReadonlyMap<string, Figures>
  readonly none: Figures
}

function viewOf(entry: ClusterEntry, { nowMs, refused, figures, none }: Context): ClusterView {
  const { pipeline, cluster, lastSeenMs, newestMs, silentAfterMs, clients } = entry
  const silent = nowMs - lastSeenMs > silentAfterMs
  return {
    pipeline,
    cluster,
    // Of a cluster that is silent, what was is not what is.
    samplesPerSecond: silent ? 0 : Math.round(entry.samplesPerSecond(nowMs) * 100) / 100,
    series: entry.activeSeries(nowMs),
    lastSeenMs,
    newestMs,
    silentAfterMs,
    silent,
    clients,
    refused: addUp(clients.map((client) => refused.get(client) ?? {})),
    figures: (silent ? undefined : figures.get(keyOf(pipeline, cluster))) ?? none,
  }
}

function addUp(all: readonly Refusals[]): Refusals {
  const sum: Record<string, number> = {}
  for (const one of all) for (const [code, requests] of Object.entries(one)) sum[code] = (sum[code] ?? 0) + requests
  return sum
}

/** Those that need a person first; what has no label is no cluster, and last. */
function order(a: ClusterView, b: ClusterView): number {
  return (
    Number(b.silent) - Number(a.silent) ||
    Number(a.cluster === '') - Number(b.cluster === '') ||
    a.cluster.localeCompare(b.cluster) ||
    a.pipeline.localeCompare(b.pipeline)
  )
}
