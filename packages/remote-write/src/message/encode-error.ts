import { type Labels, PromlineError } from '@promline/core'

/** Of a timestamp that is no integer, or one that a number does not hold exactly. */
export function timestampError(timestampMs: number): PromlineError {
  return new PromlineError('encode', `timestamp ${timestampMs} is not an integer within ±(2^53 - 1) milliseconds`)
}

/** The same error, with the series in which it happened. */
export function inSeries(labels: Labels, error: PromlineError): PromlineError {
  return new PromlineError('encode', `series ${JSON.stringify(labels.toObject())}: ${error.message}`, { cause: error })
}
