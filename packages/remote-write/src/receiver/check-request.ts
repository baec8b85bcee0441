import { PromlineError, toError } from '@promline/core'
import type { EnforcedLabels } from '../batch/enforced-labels.js'
import { validateHistogram } from '../message/validate-histogram.js'
import type { TimeSeries, WriteRequest } from '../message/write-request.js'

/**
 * Throws a PromlineError (`decode`) that names the series for what is well-formed and still cannot be: histograms that contradict
 * themselves, and timestamps further ahead than `latestMs`. As in Prometheus, one such value refuses the request.
 */
export function checkRequest(request: WriteRequest, latestMs: number): void {
  for (const series of request.series) {
    for (const { timestampMs } of series.samples) if (timestampMs > latestMs) throw tooEarly(series, timestampMs, latestMs)
    for (const { timestampMs, histogram, stale } of series.histograms) {
      if (timestampMs > latestMs) throw tooEarly(series, timestampMs, latestMs)
      if (stale) continue
      try {
        validateHistogram(histogram)
      } catch (thrown) {
        throw new PromlineError('decode', `series ${nameOf(series)}: ${toError(thrown).message}`, { cause: thrown })
      }
    }
  }
}

/**
 * Throws a PromlineError (`decode`) where a message has bytes and nothing in them is of remote write 1.0: what 2.0 sends looks so, since its
 * fields have other numbers, and 204 would say that it was taken.
 */
export function refuseUnread({ series, metadata }: WriteRequest, bytes: Uint8Array): void {
  if (bytes.length === 0 || series.length > 0 || metadata.length > 0) return
  const found = `its ${bytes.length} bytes have neither timeseries nor metadata of remote write 1.0`
  throw new PromlineError('decode', `WriteRequest: ${found}; 2.0 is not supported here`)
}

/** Throws a PromlineError (`decode`) that names the series and its labels where a client says what is not its own to say. */
export function refuseConflicts(request: WriteRequest, enforced: EnforcedLabels, client: string): void {
  for (const series of request.series) {
    const conflicts = enforced.conflictsIn(series.labels)
    if (conflicts.length === 0) continue
    const said = conflicts.map(({ name, said, enforced }) => `${name}=${JSON.stringify(said)} instead of ${JSON.stringify(enforced)}`)
    throw new PromlineError('decode', `series ${nameOf(series)}: client ${JSON.stringify(client)} says ${said.join(', ')}`)
  }
}

function tooEarly(series: TimeSeries, timestampMs: number, latestMs: number): PromlineError {
  const message = `series ${nameOf(series)}: timestamp ${timestampMs} is too far in the future (the limit is ${latestMs} now)`
  return new PromlineError('decode', message, { facts: { timestampMs, latestMs } })
}

function nameOf({ labels }: TimeSeries): string {
  return JSON.stringify(labels.toObject())
}
