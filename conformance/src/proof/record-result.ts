import { appendFileSync } from 'node:fs'
import { availableParallelism, type } from 'node:os'

/** What one proof came to, for the tables of docs/reliability.md. */
export interface ProofResult {
  /** The row of the fault matrix, where it is one. */
  readonly row?: number
  /** What was done. */
  readonly name: string
  /** What was measured, in words: `5,000 kills, 0 of 1,234,567 samples lost`. */
  readonly figure: string
  /** What it must be, in words. */
  readonly must: string
  readonly ok: boolean
}

/** A line of the results file. */
export interface RecordedResult extends ProofResult {
  /** ISO 8601. */
  readonly when: string
  /** The machine: `node v20.20.2, Linux x64, 2 cores`. */
  readonly where: string
}

/** Names the file that `recordResult` appends to. */
export const resultsVariable = 'PROMLINE_RESULTS'

/** Appends a result, as a line of JSON, to the file that PROMLINE_RESULTS names; does nothing where it names none. */
export function recordResult(result: ProofResult): void {
  const file = process.env[resultsVariable]
  if (file === undefined || file === '') return
  const recorded: RecordedResult = { ...result, when: new Date().toISOString(), where: machine() }
  appendFileSync(file, `${JSON.stringify(recorded)}\n`)
}

function machine(): string {
  return `node ${process.version}, ${type()} ${process.arch}, ${availableParallelism()} cores`
}
