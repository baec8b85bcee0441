import { type Batch, type Columns, type ExemplarColumns, timestampAt } from '../model/batch.js'
import type { SeriesList } from '../model/series-list.js'
import type { Series } from '../model/series.js'

/**
 * A batch whose exemplars all say their time, as far as it can be known: one without has that of the last sample of its series before it.
 * What parts an exemplar from its sample must do this first, or nobody finds out any more. The batch itself where there is nothing to do.
 */
export function stampExemplars(batch: Batch): Batch {
  if (!batch.columns.some(lacksTimes)) return batch
  const before: TimedBefore = { all: [], last: new Map() }
  const columns: Columns[] = []
  for (const one of batch.columns) {
    columns.push(lacksTimes(one) ? stamp(one, before) : one)
    if (one.kind === 'exemplars') continue
    before.all.push(one)
    before.last.set(one.series, one)
  }
  return { ...batch, columns }
}

type Timed = Exclude<Columns, ExemplarColumns>

/** The columns with times that stand before some exemplars, and the last of them on each list. */
interface TimedBefore {
  readonly all: Timed[]
  readonly last: Map<SeriesList, Timed>
}

function lacksTimes(columns: Columns): columns is ExemplarColumns {
  return columns.kind === 'exemplars' && columns.exemplars.some(({ timestampMs }) => timestampMs === undefined)
}

function stamp(columns: ExemplarColumns, before: TimedBefore): ExemplarColumns {
  const exemplars = columns.exemplars.map((exemplar, i) => {
    const timestampMs = exemplar.timestampMs ?? timeOf(columns, columns.rows[i]!, before)
    return timestampMs === undefined ? exemplar : { ...exemplar, timestampMs }
  })
  return { ...columns, exemplars }
}

/** The time of the last sample of a row's series. Its own list is looked at first: hardly ever does the series stand on another one. */
function timeOf({ series }: ExemplarColumns, row: number, { all, last }: TimedBefore): number | undefined {
  const own = last.get(series)
  if (own !== undefined) return timestampAt(own, row)
  const { labels } = series.at(row)
  const isOurs = (other: Series): boolean => other.labels.equals(labels)
  for (let at = all.length - 1; at >= 0; at--) {
    const one = all[at]!
    for (let i = 0; i < one.series.length; i++) if (isOurs(one.series.at(i))) return timestampAt(one, i)
  }
  return undefined
}
