import { PromlineError, toError } from '@promline/core'
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

function tooEarly(series: TimeSeries, timestampMs: number, latestMs: number): PromlineError {
  const message = `series ${nameOf(series)}: timestamp ${timestampMs} is too far in the future (the limit is ${latestMs} now)`
  return new PromlineError('decode', message, { facts: { timestampMs, latestMs } })
}

function nameOf({ labels }: TimeSeries): string {
  return JSON.stringify(labels.toObject())
}
