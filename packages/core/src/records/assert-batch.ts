import type { Batch, Columns, HistogramColumns, Origin, SampleColumns } from '../model/batch.js'
import { PromlineError } from '../model/errors.js'

/**
 * Throws a PromlineError (`encode`) for what a program without types may give, and no cursor could hand on: an origin without its texts,
 * columns that are no typed arrays or differ in length.
 */
export function assertBatch({ origin, columns }: Batch): void {
  assertOrigin(origin)
  for (const one of columns) rowsOf(one)
}

/** Throws a PromlineError (`encode`) where texts of an origin are none: lanes are chosen by them. */
export function assertOrigin(origin: Origin): void {
  if (typeof origin !== 'object' || origin === null) throw wrongType('a batch whose origin is', origin, { wanted: 'Object' })
  assertText('kind', origin.kind)
  assertText('id', origin.id)
  if (origin.url !== undefined) assertText('url', origin.url)
  if (origin.tenant !== undefined) assertText('tenant', origin.tenant)
}

function assertText(field: string, value: unknown): void {
  if (typeof value !== 'string') throw wrongType(`an origin whose ${field} is`, value, { wanted: 'String', field })
}

/** The number of rows of columns. Throws a PromlineError (`encode`) where they are not of the types that they must be, or differ in length. */
export function rowsOf(columns: Columns): number {
  if (columns.kind === 'samples') {
    const rows = columns.series.length
    if (!(columns.values instanceof Float64Array)) throw wrongColumn('values', columns.values, 'Float64Array')
    assertRows('values', columns.values.length, rows)
    assertTimes(columns, rows)
    return rows
  }
  if (columns.kind === 'histograms') {
    const rows = columns.series.length
    if (!Array.isArray(columns.histograms)) throw wrongColumn('histograms', columns.histograms, 'Array')
    assertRows('histograms', columns.histograms.length, rows)
    assertTimes(columns, rows)
    return rows
  }
  const { kind, rows, exemplars } = columns
  if (kind !== 'exemplars') {
    throw new PromlineError('encode', `columns of kind ${JSON.stringify(kind)}, which is none of: samples, histograms, exemplars`)
  }
  if (!(rows instanceof Uint16Array)) throw wrongColumn('rows', rows, 'Uint16Array')
  if (!Array.isArray(exemplars)) throw wrongColumn('exemplars', exemplars, 'Array')
  assertRows('rows of exemplars', rows.length, exemplars.length)
  return rows.length
}

function assertTimes({ timestampMs, stale, startTimestampMs }: SampleColumns | HistogramColumns, rows: number): void {
  if (typeof timestampMs !== 'number') {
    if (!(timestampMs instanceof Float64Array)) throw wrongColumn('timestampMs', timestampMs, 'number or Float64Array')
    assertRows('timestamps', timestampMs.length, rows)
  }
  if (stale !== undefined) {
    if (!(stale instanceof Uint8Array)) throw wrongColumn('stale', stale, 'Uint8Array')
    assertRows('stale flags', stale.length, rows)
  }
  if (startTimestampMs !== undefined) {
    if (!(startTimestampMs instanceof Float64Array)) throw wrongColumn('startTimestampMs', startTimestampMs, 'Float64Array')
    assertRows('start timestamps', startTimestampMs.length, rows)
  }
}

function assertRows(what: string, found: number, wanted: number): void {
  if (found === wanted) return
  throw new PromlineError('encode', `columns with ${found} ${what} where ${wanted} belong`, { facts: { found, wanted } })
}

function wrongColumn(column: string, value: unknown, wanted: string): PromlineError {
  return wrongType(`columns whose ${column} are`, value, { wanted, column })
}

function wrongType(what: string, value: unknown, facts: { readonly wanted: string; readonly [name: string]: string }): PromlineError {
  const found = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return new PromlineError('encode', `${what} of type ${found}, not ${facts.wanted}`, { facts: { found, ...facts } })
}
