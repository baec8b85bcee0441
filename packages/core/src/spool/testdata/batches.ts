import { setImmediate } from 'node:timers/promises'
import type { Batch, Columns, Origin, SampleColumns } from '../../model/batch.js'
import { createLabels } from '../../model/labels.js'
import { type MetricMetadata, MetadataTable } from '../../model/metadata.js'
import type { Series } from '../../model/series.js'
import { createSeriesList, type SeriesList } from '../../model/series-list.js'
import { SeriesTable } from '../../model/series-table.js'
import type { Cursor, Spool, SpooledBatch } from '../spool.js'

const table = new SeriesTable()
const metadata = new MetadataTable()

/** A series of a family, interned. */
export function seriesOf(name: string, labels: Record<string, string> = {}, described: Partial<MetricMetadata> = {}): Series {
  const family = metadata.intern({ name, type: 'gauge', help: `Help of ${name}.`, unit: '', ...described })
  return table.intern(createLabels({ __name__: name, ...labels }), family, 0)
}

/** A list of so many series of a family. */
export function listOf(name: string, length: number, options: { automatic?: boolean } = {}): SeriesList {
  return createSeriesList(
    Array.from({ length }, (_, i) => seriesOf(name, { i: String(i) })),
    options,
  )
}

/** Samples of a list whose values begin at a number: `first`, `first + 1` and so on. */
export function samplesOfList(series: SeriesList, first: number): SampleColumns {
  return { kind: 'samples', series, values: Float64Array.from({ length: series.length }, (_, i) => first + i), timestampMs: 1000 + first }
}

export const someOrigin: Origin = { kind: 'target', id: 'node/host:9100' }

const numbered = listOf('numbered', 3)

/** A small batch that says which one it is. */
export function batchNumber(id: number, options: { origin?: Origin; columns?: readonly Columns[] } = {}): Batch {
  return { origin: options.origin ?? someOrigin, columns: [samplesOfList(numbered, id), ...(options.columns ?? [])] }
}

/** What `batchNumber` was given; throws where the batch is not exactly what it made. */
export function numberOf(batch: Batch): number {
  const [first] = batch.columns
  if (first?.kind !== 'samples' || first.values.length !== 3) throw new Error('not a numbered batch')
  const id = first.values[0]!
  const text = JSON.stringify(describeColumns(first))
  const wanted = JSON.stringify(describeColumns(samplesOfList(numbered, id)))
  if (text !== wanted) throw new Error(`a wrong batch: ${text} instead of ${wanted}`)
  return id
}

/** Everything that a batch says, as plain objects. */
export function describeBatch(batch: Batch): unknown {
  const { targetLabels, ...origin } = batch.origin
  return { origin: { ...origin, targetLabels: targetLabels?.toObject() }, columns: batch.columns.map(describeColumns) }
}

function describeColumns(columns: Columns): unknown {
  const series = Array.from({ length: columns.series.length }, (_, i) => {
    const { labels, metadata: described } = columns.series.at(i)
    return { labels: labels.toObject(), metadata: { ...described } }
  })
  const exemplars = columns.kind === 'exemplars' ? columns.exemplars.map((one) => ({ ...one, labels: one.labels.toObject() })) : undefined
  return { ...columns, series, automatic: columns.series.automatic ?? false, ...(exemplars && { exemplars }) }
}

/** Reads from a cursor up to the head: what is there, without waiting for what is not. */
export async function readToHead(spool: Spool, cursor: Cursor): Promise<SpooledBatch[]> {
  const batches: SpooledBatch[] = []
  const { head } = spool.status()
  while (cursor.position < head) {
    const stop = new AbortController()
    let done = false
    const next = cursor.next({ signal: stop.signal }).finally(() => {
      done = true
    })
    next.catch(() => {}) // it is awaited below
    while (!done) {
      await setImmediate()
      // At the head and not done: it waits for an append.
      if (!done && cursor.position >= head) stop.abort()
    }
    const batch = await next
    if (batch !== undefined) batches.push(batch)
  }
  return batches
}
