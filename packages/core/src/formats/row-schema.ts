import type { Batch, Counts, Origin } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import type { Series } from '../model/series.js'
import type { InfluxFields } from './influx-line.js'
import { pointsOf } from './points.js'
import { groupKey } from './series-key.js'
import { isShared, telegrafRole } from './telegraf-role.js'
import { telegrafRows, type TelegrafRowsOptions } from './telegraf-rows.js'

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
  /** Whether the rows of a series are the same for both. */
  isSameOrigin(a: Origin, b: Origin): boolean
}

const alone: RowRole = { isSingle: true, group: undefined }

/** A point a sample. */
export const pointSchema: RowSchema = { rowsOf: pointsOf, roleOf: () => alone, isSameOrigin: () => true }

/** Telegraf's rows. */
export function telegrafSchema(options: TelegrafRowsOptions): RowSchema {
  return {
    rowsOf: (batch) => telegrafRows(batch, options),
    roleOf(series) {
      const { type } = series.metadata
      if (type !== 'histogram' && type !== 'summary') return alone
      const role = telegrafRole(series)
      if (role.kind === 'single') return alone
      return { isSingle: false, group: isShared(role, options.metricVersion) ? groupKey(series, role.family, role.label) : undefined }
    },
    isSameOrigin: (a, b) => a.url === b.url && haveSameLabels(a, b),
  }
}

function haveSameLabels({ targetLabels: a }: Origin, { targetLabels: b }: Origin): boolean {
  return a === b || (a !== undefined && b !== undefined && a.equals(b))
}
