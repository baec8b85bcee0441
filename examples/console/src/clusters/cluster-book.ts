import type { Batch, Columns } from '@promline/core'
import { timestampAt } from '@promline/core'
import { ClusterEntry } from './cluster-entry.js'
import { ListShares, type Share } from './list-shares.js'

/** Clusters that are kept track of; of more, the one that was silent for longest goes. Whoever has more has named the wrong label. */
const maxClusters = 200

type SampledColumns = Exclude<Columns, { readonly kind: 'exemplars' }>

/** Keeps track of which clusters there are and how they fare, by the values of a label, for each pipeline apart. Wall clock. */
export class ClusterBook {
  readonly #now: () => number
  readonly #shares: ListShares
  readonly #entries = new Map<string, ClusterEntry>()

  constructor(label: string, now: () => number) {
    this.#now = now
    this.#shares = new ListShares(label)
  }

  get entries(): readonly ClusterEntry[] {
    return [...this.#entries.values()]
  }

  /** Costs a look or two for each list, not for each sample. */
  add(pipeline: string, { origin, columns }: Batch): void {
    const atMs = this.#now()
    const client = origin.kind === 'client' ? origin.id : undefined
    for (const one of columns) {
      if (one.kind === 'exemplars') continue
      for (const share of this.#shares.of(one.series)) {
        this.#entryOf(pipeline, share.cluster).add({ ...share, newestMs: newestOf(one, share), client, atMs })
      }
    }
  }

  #entryOf(pipeline: string, cluster: string): ClusterEntry {
    const key = keyOf(pipeline, cluster)
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    if (this.#entries.size >= maxClusters) this.#dropMostSilent()
    const entry = new ClusterEntry(pipeline, cluster)
    this.#entries.set(key, entry)
    return entry
  }

  #dropMostSilent(): void {
    let silent: [key: string, entry: ClusterEntry] | undefined
    for (const one of this.#entries) if (silent === undefined || one[1].lastSeenMs < silent[1].lastSeenMs) silent = one
    if (silent !== undefined) this.#entries.delete(silent[0])
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
