import { type Batch, type Columns, type Counts, staleAt, timestampAt, zeroCounts } from '../model/batch.js'
import { compareCodePoints } from '../model/bytes.js'
import type { Dropped } from '../model/flow.js'
import type { Series } from '../model/series.js'
import { DropTally } from './drop-tally.js'
import { groupKey, seriesKey } from './series-key.js'
import { fieldName, isShared, type TelegrafRole, telegrafRole } from './telegraf-role.js'
import { type CommonTags, commonTags, type InfluxTag, telegrafTags } from './telegraf-tags.js'

export interface TelegrafRowsOptions {
  /**
   * As Telegraf's `metric_version`. 1: a row's measurement is the family, a histogram or summary is one row. 2: the measurement is
   * `prometheus`, fields have the names of the series, each bucket and quantile has its own row.
   */
  readonly metricVersion: 1 | 2
  /** Name of the tag with the scraped address; '' for none. Default `url`. */
  readonly urlTag?: string
  /** Value of the tag `host`; '' for none. Default ''. */
  readonly host?: string
}

/** What Telegraf calls a metric: some fields of one time, with tags. */
export interface TelegrafRow {
  readonly measurement: string
  /** Sorted by name in code-point order, none empty. */
  readonly tags: readonly InfluxTag[]
  /** Sorted by name in code-point order, all finite. Empty where no value can be carried: JSON has such rows, line protocol has not. */
  readonly fields: readonly (readonly [name: string, value: number])[]
  readonly timestampMs: number
  /** The samples whose values the fields carry. */
  readonly counts: Counts
  /** The same for all rows of a family and its labels, in both metric versions: what to partition by. See `seriesKey`. */
  readonly seriesKey: Uint8Array
}

/** A row that is being filled. */
interface OpenRow {
  readonly measurement: string
  readonly tags: readonly InfluxTag[]
  readonly fields: Map<string, number>
  readonly timestampMs: number
  readonly seriesKey: Uint8Array
}

/** The measurement of every row in metric version 2. */
const version2Measurement = 'prometheus'

/**
 * The rows of a batch as Telegraf's inputs.prometheus makes them of a scraped text page, in the order in which their series come first.
 * A missing bucket is a missing field. Timestamps keep their milliseconds: Telegraf rounds them to the precision of its agent.
 *
 * The counts of the rows and what was dropped add up to the batch: `automatic` (series that the scraper made), `stale`, `nan`,
 * `infinite` (no field can hold them) and `unsupported` (native histograms, exemplars).
 */
export function telegrafRows(batch: Batch, options: TelegrafRowsOptions): { rows: TelegrafRow[]; dropped: Dropped[] } {
  const builder = new RowsBuilder(batch, options)
  for (const columns of batch.columns) builder.addColumns(columns)
  return builder.build()
}

class RowsBuilder {
  readonly #version: 1 | 2
  readonly #common: CommonTags
  readonly #rows: OpenRow[] = []
  /** Rows that take more than one series, by group and time. */
  readonly #shared = new Map<string, OpenRow>()
  readonly #tally = new DropTally()

  constructor(batch: Batch, options: TelegrafRowsOptions) {
    this.#version = options.metricVersion
    this.#common = commonTags(batch.origin, options)
  }

  addColumns(columns: Columns): void {
    if (columns.series.automatic) {
      this.#tally.dropColumns('automatic', columns)
      return
    }
    if (columns.kind !== 'samples') {
      this.#tally.dropColumns('unsupported', columns)
      return
    }
    for (let i = 0; i < columns.values.length; i++) {
      if (staleAt(columns, i)) this.#tally.dropSample('stale')
      else this.#addSample(columns.series.at(i), columns.values[i]!, timestampAt(columns, i))
    }
  }

  build(): { rows: TelegrafRow[]; dropped: Dropped[] } {
    return { rows: this.#rows.map(closeRow), dropped: this.#tally.dropped() }
  }

  #addSample(series: Series, value: number, timestampMs: number): void {
    const role = telegrafRole(series)
    // A series of its own that is NaN gives no row at all; the NaN quantile of a summary leaves its row without a field.
    if (Number.isNaN(value) && role.kind === 'single') {
      this.#tally.dropSample('nan')
      return
    }
    const field = this.#version === 1 ? role.field : fieldName(role)
    const row = this.#rowFor(series, role, { field, timestampMs })
    if (Number.isFinite(value)) row.fields.set(field, value)
    else this.#tally.dropSample(Number.isNaN(value) ? 'nan' : 'infinite')
  }

  #rowFor(series: Series, role: TelegrafRole, at: { field: string; timestampMs: number }): OpenRow {
    if (!isShared(role, this.#version)) return this.#openRow(series, role, at.timestampMs)
    const key = `${at.timestampMs} ${groupKey(series, role.family, role.label)}`
    const known = this.#shared.get(key)
    // Two values for one field are two rows: neither is lost.
    if (known !== undefined && !known.fields.has(at.field)) return known
    const row = this.#openRow(series, role, at.timestampMs)
    this.#shared.set(key, row)
    return row
  }

  #openRow(series: Series, role: TelegrafRole, timestampMs: number): OpenRow {
    const row: OpenRow = {
      measurement: this.#version === 1 ? role.family : version2Measurement,
      tags: this.#tagsOf(series, role),
      fields: new Map(),
      timestampMs,
      seriesKey: seriesKey(series, role.family),
    }
    this.#rows.push(row)
    return row
  }

  #tagsOf(series: Series, role: TelegrafRole): InfluxTag[] {
    const without = role.kind === 'single' ? undefined : role.label
    const tags = telegrafTags(series.labels, { ...this.#common, without })
    if (role.kind === 'bound' && this.#version === 2) tags.push([role.label, role.field])
    return sortedByName(tags)
  }
}

function closeRow(row: OpenRow): TelegrafRow {
  return { ...row, fields: sortedByName([...row.fields]), counts: { ...zeroCounts, samples: row.fields.size } }
}

function sortedByName<T extends readonly [name: string, value: unknown]>(pairs: T[]): T[] {
  return pairs.sort((a, b) => compareCodePoints(a[0], b[0]))
}
