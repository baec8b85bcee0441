import { PromlineError } from '../model/errors.js'

/** What is thrown for a line that cannot be taken: the same error, naming the line, where it is one of promline's. */
export function atLine(error: unknown, line: number): unknown {
  if (!(error instanceof PromlineError)) return error
  return new PromlineError(error.code, `line ${line}: ${error.message}`, { cause: error.cause, facts: { ...error.facts, line } })
}

/** A page with more samples than `sample_limit`. */
export function sampleLimitError(sampleLimit: number, samples: number): PromlineError {
  const what = `${samples} samples after relabelling, limit ${sampleLimit}`
  return new PromlineError('limit', `sample_limit exceeded: ${what}`, { facts: { sampleLimit, samples } })
}
