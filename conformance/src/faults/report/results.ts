import { jsonAt, jsonTextsAt } from '@promline/servers'
import type { RecordedResult } from '../../proof/record-result.js'

/** Reads the lines of a results file. Throws where one is not what `recordResult` writes. */
export function parseResults(text: string): RecordedResult[] {
  return text.split('\n').filter(Boolean).map(parseResult)
}

function parseResult(line: string): RecordedResult {
  const parsed: unknown = JSON.parse(line)
  const { name, figure, must, when, where } = jsonTextsAt(parsed)
  const [row, ok] = [jsonAt(parsed, 'row'), jsonAt(parsed, 'ok')]
  if (
    name === undefined ||
    figure === undefined ||
    must === undefined ||
    when === undefined ||
    where === undefined ||
    typeof ok !== 'boolean'
  ) {
    throw new Error(`not a result: ${line}`)
  }
  return { ...(typeof row === 'number' && { row }), name, figure, must, ok, when, where }
}

export function formatResults(results: readonly RecordedResult[]): string {
  return results.map((result) => `${JSON.stringify(result)}\n`).join('')
}

/**
 * What is known after a run: its results, and what it did not measure as it was known before. Names that differ in their numbers alone (the
 * length of an outage) are of the same proof, of which the last result counts. By row, then by name.
 */
export function mergeResults(known: readonly RecordedResult[], run: readonly RecordedResult[]): RecordedResult[] {
  const merged = new Map([...known, ...run].map((result) => [proofOf(result), result]))
  return [...merged.values()].sort((a, b) => (a.row ?? Infinity) - (b.row ?? Infinity) || compare(a.name, b.name))
}

function proofOf({ row, name }: RecordedResult): string {
  return `${row}: ${name.replaceAll(/\d[\d.,]*/g, '#')}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
