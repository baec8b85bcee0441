import { type Batch, type Columns, timestampAt } from '@promline/core'
import { ClusterEntry } from './cluster-entry.js'
import { ListShares, type Share } from './list-shares.js'

/** Clusters that are kept track of; of more, the one that was silent for longest goes. Whoever has more has named the wrong label. */
const maxClusters = 200

type SampledColumns = Exclude<Columns, { readonly kind: 'exemplars' }>

/** Keeps track of which clusters there are and how they fare, by the values of a label, for each pipeline apart. Wall clock. */
export class ClusterBook {
  readonly #now: () => number
  readonly #shares: ListShares
  /** By pipeline, then by cluster. */
  readonly #entries = new Map<string, Map<string, ClusterEntry>>()

  constructor(label: string, now: () => number) {
    this.#now = now
    this.#shares = new ListShares(label)
  }

  get entries(): readonly ClusterEntry[] {
    return [...this.#entries.values()].flatMap((entries) => [...entries.values()])
  }

  /** Costs a look or two for each list, not for each sample. */
  add(pipeline: string, { origin, columns }: Batch): void {
    const arrival = { client: origin.kind === 'client' ? origin.id : undefined, atMs: this.#now() }
    const entries = this.#entriesOf(pipeline)
    this.#shares.begin()
    for (const one of columns) {
      if (one.kind === 'exemplars') continue
      for (const share of this.#shares.of(one.series)) {
        const entry = entries.get(share.cluster) ?? this.#begin(pipeline, share.cluster)
        entry.add(share, newestOf(one, share), arrival)
      }
    }
  }

  #entriesOf(pipeline: string): Map<string, ClusterEntry> {
    const known = this.#entries.get(pipeline)
    if (known !== undefined) return known
    const entries = new Map<string, ClusterEntry>()
    this.#entries.set(pipeline, entries)
    return entries
  }

  #begin(pipeline: string, cluster: string): ClusterEntry {
    const { entries } = this
    if (entries.length >= maxClusters) {
      const silent = entries.reduce((a, b) => (b.lastSeenMs < a.lastSeenMs ? b : a))
      this.#entriesOf(silent.pipeline).delete(silent.cluster)
    }
    const entry = new ClusterEntry(pipeline, cluster)
    this.#entriesOf(pipeline).set(cluster, entry)
    return entry
  }
}

/** Stands for a cluster as one pipeline sees it. */
export function keyOf(pipeline: string, cluster: string): string {
  return JSON.stringify([pipeline, cluster])
}

/** The newest timestamp of the rows. */
function newestOf(columns: SampledColumns, { rows, count }: Share): number {
  if (typeof columns.timestampMs === 'number') return columns.timestampMs
  let newest = 0
  for (let i = 0; i < count; i++) newest = Math.max(newest, timestampAt(columns, rows === undefined ? i : rows[i]!))
  return newest
}
