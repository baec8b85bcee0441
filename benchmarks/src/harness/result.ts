import { formatFigure, formatSpread, ratios, type Spread, spreadOf } from './statistics.js'
import { markdownTable } from './table.js'

/** A figure that a case gives of its subjects. */
export interface Column {
  readonly title: string
  /** Whether the lowest and the highest round are printed beside the median. */
  readonly bounds?: true
}

/** What one subject came to. */
export interface ResultRow {
  readonly subject: string
  /** By title of the column, a value of each round; none where the figure is not one of this subject. */
  readonly figures: Readonly<Record<string, readonly number[]>>
  readonly remark?: string | undefined
}

/** What a case came to. */
export interface CaseResult {
  readonly name: string
  readonly columns: readonly Column[]
  readonly rows: readonly ResultRow[]
  /** What is to be said below the table. */
  readonly notes: readonly string[]
}

/** The table of a case. */
export function formatResult({ name, columns, rows, notes }: CaseResult): string {
  const hasRemarks = rows.some(({ remark }) => remark !== undefined)
  const header = [name, ...columns.map(({ title }) => title), ...(hasRemarks ? ['remark'] : [])]
  const cells = rows.map(({ subject, figures, remark }) => [
    subject,
    ...columns.map(({ title, bounds }) => formatRounds(figures[title], bounds)),
    ...(hasRemarks ? [remark ?? ''] : []),
  ])
  return [markdownTable(header, cells), ...notes.map((note) => `${note}\n`)].join('\n')
}

/** A figure of a subject; undefined where the case did not run, or does not have it. */
export function figureOf(results: readonly CaseResult[], place: { name: string; subject: string; title: string }): Spread | undefined {
  const row = results.find(({ name }) => name === place.name)?.rows.find(({ subject }) => subject === place.subject)
  const values = row?.figures[place.title]
  return values === undefined || values.length === 0 ? undefined : spreadOf(values)
}

/** How many times as much each base takes, round by round, under `BASE / x`; nothing of bases that did not run. */
export function timesLess(
  values: readonly number[],
  bases: readonly (readonly [name: string, values: readonly number[]])[],
): Record<string, readonly number[]> {
  return Object.fromEntries(bases.map(([name, base]) => [`${name} / x`, ratios(base, values)]))
}

function formatRounds(values: readonly number[] | undefined, bounds = false): string {
  if (values === undefined || values.length === 0) return ''
  const spread = spreadOf(values)
  return bounds && values.length > 1 ? formatSpread(spread) : formatFigure(spread.median)
}
