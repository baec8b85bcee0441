import { addCounts, type Batch, type Columns, type Counts, staleAt, timestampAt, zeroCounts } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import { type Labels, metricNameLabel } from '../model/labels.js'
import { DropTally } from './drop-tally.js'
import { type InfluxFields, influxLine } from './influx-line.js'
import { influxNames } from './influx-names.js'
import { labelPairs } from './label-pairs.js'
import { namelessMeasurement } from './telegraf-role.js'
import { telegrafRows } from './telegraf-rows.js'
import type { InfluxTag } from './telegraf-tags.js'

/**
 * How samples become points. `prometheus`: the measurement is the metric's name, the tags are the other labels, the field is `value`,
 * as InfluxDB 1.x does it at its own remote-write endpoint. `telegraf-v1` and `telegraf-v2`: the rows of Telegraf's metric versions,
 * without a `url` tag.
 */
export type LineProtocolSchema = 'prometheus' | 'telegraf-v1' | 'telegraf-v2'

export interface LineProtocol {
  /** Lines that end in a line feed each; timestamps in nanoseconds. */
  readonly text: string
  /** What the lines carry. */
  readonly counts: Counts
  /** With `counts`, this adds up to the batches. */
  readonly dropped: readonly Dropped[]
}

/**
 * Batches as line protocol that InfluxDB takes, whatever the labels: reserved and unwritable names are changed (`influxNames`), values
 * that it would refuse are dropped as `stale`, `nan` and `infinite`, what it has no form for as `unsupported`.
 */
export function encodeLineProtocol(batches: readonly Batch[], options: { readonly schema: LineProtocolSchema }): LineProtocol {
  const writer = new LineWriter()
  for (const batch of batches) {
    if (options.schema === 'prometheus') writeSeries(writer, batch)
    else writeRows(writer, batch, options.schema === 'telegraf-v1' ? 1 : 2)
  }
  return writer.finish()
}

class LineWriter {
  readonly tally: DropTally = new DropTally()
  readonly #lines: string[] = []
  #counts: Counts = zeroCounts

  write(row: InfluxFields, counts: Counts): void {
    const line = influxLine({ ...row, tags: influxNames(row.tags), fields: influxNames(row.fields) })
    if (line === '') {
      // Only a measurement of nothing but backslashes, or a row whose values were dropped before.
      this.tally.drop('unsupported', counts)
      return
    }
    this.#lines.push(line)
    this.#counts = addCounts(this.#counts, counts)
  }

  finish(): LineProtocol {
    const text = this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`
    return { text, counts: this.#counts, dropped: this.tally.dropped() }
  }
}

function writeRows(writer: LineWriter, batch: Batch, metricVersion: 1 | 2): void {
  const { rows, dropped } = telegrafRows(batch, { metricVersion, urlTag: '' })
  for (const { reason, counts } of dropped) writer.tally.drop(reason, counts)
  for (const row of rows) writer.write(row, row.counts)
}

function writeSeries(writer: LineWriter, batch: Batch): void {
  for (const columns of batch.columns) writeColumns(writer, columns)
}

function writeColumns(writer: LineWriter, columns: Columns): void {
  if (columns.kind !== 'samples') {
    writer.tally.dropColumns('unsupported', columns)
    return
  }
  const one: Counts = { ...zeroCounts, samples: 1 }
  for (let i = 0; i < columns.values.length; i++) {
    const value = columns.values[i]!
    if (staleAt(columns, i)) writer.tally.dropSample('stale')
    else if (Number.isNaN(value)) writer.tally.dropSample('nan')
    else if (!Number.isFinite(value)) writer.tally.dropSample('infinite')
    else writer.write({ ...pointOf(columns.series.at(i).labels), fields: [['value', value]], timestampMs: timestampAt(columns, i) }, one)
  }
}

function pointOf(labels: Labels): { measurement: string; tags: readonly InfluxTag[] } {
  const tags = labelPairs(labels).filter(([name]) => name !== metricNameLabel)
  return { measurement: labels.get(metricNameLabel) ?? namelessMeasurement, tags }
}
