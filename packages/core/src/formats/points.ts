import { type Batch, type Columns, type Counts, staleAt, timestampAt, zeroCounts } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import { type Labels, metricNameLabel } from '../model/labels.js'
import { DropTally } from './drop-tally.js'
import type { InfluxFields } from './influx-line.js'
import { labelPairs } from './label-pairs.js'
import { namelessMeasurement } from './telegraf-role.js'
import type { InfluxTag } from './telegraf-tags.js'

/** A sample as a point: the measurement is the metric's name, the tags are the other labels, the field is `value`. */
export interface SamplePoint extends InfluxFields {
  readonly counts: Counts
}

const one: Counts = { ...zeroCounts, samples: 1 }

/**
 * The points of a batch, in its order. What has none is dropped as `stale`, `nan`, `infinite` (no field can hold them) and `unsupported`
 * (native histograms, exemplars).
 */
export function pointsOf(batch: Batch): { rows: SamplePoint[]; dropped: Dropped[] } {
  const points: SamplePoint[] = []
  const tally = new DropTally()
  for (const columns of batch.columns) addPoints(columns, { points, tally })
  return { rows: points, dropped: tally.dropped() }
}

function addPoints(columns: Columns, to: { readonly points: SamplePoint[]; readonly tally: DropTally }): void {
  if (columns.kind !== 'samples') {
    to.tally.dropColumns('unsupported', columns)
    return
  }
  for (let i = 0; i < columns.values.length; i++) {
    const value = columns.values[i]!
    const reason = withoutField(value, staleAt(columns, i))
    if (reason !== undefined) to.tally.dropSample(reason)
    else
      to.points.push({
        ...keyOf(columns.series.at(i).labels),
        fields: [['value', value]],
        timestampMs: timestampAt(columns, i),
        counts: one,
      })
  }
}

/** Why no field can hold a sample; undefined where one can. */
export function withoutField(value: number, stale: boolean): 'stale' | 'nan' | 'infinite' | undefined {
  if (stale) return 'stale'
  if (Number.isNaN(value)) return 'nan'
  return Number.isFinite(value) ? undefined : 'infinite'
}

function keyOf(labels: Labels): { measurement: string; tags: readonly InfluxTag[] } {
  const tags = labelPairs(labels)
  const at = tags.findIndex(([name]) => name === metricNameLabel)
  const [named] = at < 0 ? [] : tags.splice(at, 1)
  return { measurement: named?.[1] ?? namelessMeasurement, tags }
}
