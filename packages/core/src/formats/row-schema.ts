import type { Batch, Counts, Origin } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import type { PackedSeriesList } from '../model/packed-series-list.js'
import type { Series } from '../model/series.js'
import { PointReader } from './bytes/point-reader.js'
import type { SeriesReader } from './bytes/series-reader.js'
import { BoundTexts } from './bytes/telegraf-family.js'
import { TelegrafReader } from './bytes/telegraf-reader.js'
import { TelegrafTagger } from './bytes/telegraf-tagger.js'
import type { InfluxFields } from './influx-line.js'
import { pointsOf } from './points.js'
import { groupKey, seriesKey } from './series-key.js'
import { isShared, telegrafRole } from './telegraf-role.js'
import { telegrafRows, type TelegrafRowsOptions } from './telegraf-rows.js'
import { commonTags } from './telegraf-tags.js'

/** A row of any schema. */
export interface Row extends InfluxFields {
  /** The samples whose values the fields carry. */
  readonly counts: Counts
  /** What to partition by, where the schema says it. */
  readonly seriesKey?: Uint8Array
}

/** How a series stands in rows. */
export interface RowRole {
  /** Whether its row is of it alone, and there is none where the value is NaN. */
  readonly isSingle: boolean
  /** Names those that share a row where their times are equal; undefined where the series shares none. */
  readonly group: string | undefined
}

/** How samples become rows. */
export interface RowSchema {
  /** The plain twin: rows in the order in which their series come first, and what no row carries. */
  rowsOf(batch: Batch): { readonly rows: readonly Row[]; readonly dropped: readonly Dropped[] }
  roleOf(series: Series): RowRole
  /** What to partition the rows of a series by; no bytes where the schema does not say it. */
  keyOf(series: Series): Uint8Array
  /** Reads the series of a list from bytes; undefined where they have no rows. */
  reader(list: PackedSeriesList, origin: Origin): SeriesReader | undefined
  /** Whether the rows of a series are the same for both. */
  isSameOrigin(a: Origin, b: Origin): boolean
}

const alone: RowRole = { isSingle: true, group: undefined }
const noKey = new Uint8Array(0)

/** A point a sample. */
export const pointSchema: RowSchema = {
  rowsOf: pointsOf,
  roleOf: () => alone,
  keyOf: () => noKey,
  reader: (list) => new PointReader(list),
  isSameOrigin: () => true,
}

/** Telegraf's rows. */
export function telegrafSchema(options: TelegrafRowsOptions): RowSchema {
  return new TelegrafSchema(options)
}

class TelegrafSchema implements RowSchema {
  readonly #options: TelegrafRowsOptions
  readonly #bounds = new BoundTexts()
  /** The lists of an origin come together. */
  #origin: Origin | undefined
  #tagger: TelegrafTagger | undefined

  constructor(options: TelegrafRowsOptions) {
    this.#options = options
  }

  rowsOf(batch: Batch): { readonly rows: readonly Row[]; readonly dropped: readonly Dropped[] } {
    return telegrafRows(batch, this.#options)
  }

  roleOf(series: Series): RowRole {
    const { type } = series.metadata
    if (type !== 'histogram' && type !== 'summary') return alone
    const role = telegrafRole(series)
    if (role.kind === 'single') return alone
    return { isSingle: false, group: isShared(role, this.#options.metricVersion) ? groupKey(series, role.family, role.label) : undefined }
  }

  keyOf(series: Series): Uint8Array {
    return seriesKey(series, telegrafRole(series).family)
  }

  reader(list: PackedSeriesList, origin: Origin): SeriesReader | undefined {
    if (list.automatic) return undefined
    if (this.#tagger === undefined || this.#origin !== origin) this.#tagger = new TelegrafTagger(commonTags(origin, this.#options))
    this.#origin = origin
    return new TelegrafReader(list, { metricVersion: this.#options.metricVersion, tagger: this.#tagger, bounds: this.#bounds })
  }

  isSameOrigin(a: Origin, b: Origin): boolean {
    return a.url === b.url && haveSameLabels(a, b)
  }
}

function haveSameLabels({ targetLabels: a }: Origin, { targetLabels: b }: Origin): boolean {
  return a === b || (a !== undefined && b !== undefined && a.equals(b))
}
