import { type Columns, type SampleColumns, timestampAt } from '../../model/batch.js'
import type { RowSchema } from '../row-schema.js'
import type { RowTemplate } from './row-template.js'

/** Columns, and their template where they are written from one. */
export interface PlannedColumns {
  readonly columns: Columns
  readonly template: RowTemplate | undefined
}

/** Whether no row would take samples of two columns, so that each can be written by itself. */
export function areApart(planned: readonly PlannedColumns[], schema: RowSchema): boolean {
  const owners = new Owners()
  return planned.every(({ columns, template }, owner) => {
    if (columns.kind !== 'samples') return true
    return template === undefined ? claimSeries(columns, { schema, owners, owner }) : claimRows(columns, { template, owners, owner })
  })
}

/** Which columns have the rows of a group at a time. */
class Owners {
  readonly #times = new Map<number, Map<string, number>>()

  /** False where other columns have it. */
  claim(timestampMs: number, group: string, owner: number): boolean {
    const groups = this.#times.get(timestampMs) ?? new Map<string, number>()
    if (groups.size === 0) this.#times.set(timestampMs, groups)
    const known = groups.get(group)
    if (known === undefined) groups.set(group, owner)
    return known === undefined || known === owner
  }
}

interface Claim {
  readonly owners: Owners
  readonly owner: number
}

function claimRows(columns: SampleColumns, { template, owners, owner }: Claim & { readonly template: RowTemplate }): boolean {
  for (const { key, row } of template.groups) {
    if (!owners.claim(rowTime(columns, template, row), key, owner)) return false
  }
  return true
}

function claimSeries(columns: SampleColumns, { schema, owners, owner }: Claim & { readonly schema: RowSchema }): boolean {
  for (let i = 0; i < columns.values.length; i++) {
    const { group } = schema.roleOf(columns.series.at(i))
    if (group !== undefined && !owners.claim(timestampAt(columns, i), group, owner)) return false
  }
  return true
}

/** The timestamp of a row, which all of its series have. */
export function rowTime(columns: SampleColumns, template: RowTemplate, row: number): number {
  return timestampAt(columns, template.place[template.firstField[row]!]!)
}

/** Whether a template's rows are those of the columns: the series of each row have one time, and the order is that of the template. */
export function fits(columns: SampleColumns, template: RowTemplate): boolean {
  if (template.interleaved && columns.stale !== undefined) return false
  const times = columns.timestampMs
  if (typeof times === 'number') return true
  for (let row = 0; row < template.rows; row++) {
    const time = rowTime(columns, template, row)
    for (let f = template.firstField[row]!; f < template.firstField[row + 1]!; f++) {
      if (times[template.place[f]!] !== time) return false
    }
  }
  return true
}
