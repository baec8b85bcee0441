import type { Batch, Labels } from '@promline/core'
import { staleAt, timestampAt } from '@promline/core'
import { histogramToJson } from './histogram-json.js'
import { floatToJson, type JsonValue, labelsToJson, writeJson } from './json-value.js'

/** One sample as the contract writes it, on a line. */
export function sampleLine(sample: { labels: Labels; value: number; timestampMs: number | null; stale?: boolean }): string {
  return lineOf({
    labels: labelsToJson(sample.labels),
    value: floatToJson(sample.value),
    timestampMs: sample.timestampMs,
    stale: sample.stale ? true : undefined,
  })
}

/** All samples and histograms of a batch, a line each. */
export function batchLines(batch: Batch): string {
  const lines: string[] = []
  for (const columns of batch.columns) {
    if (columns.kind === 'exemplars') continue
    for (let i = 0; i < columns.series.length; i++) {
      const { labels } = columns.series.at(i)
      const timestampMs = timestampAt(columns, i)
      const stale = staleAt(columns, i)
      if (columns.kind === 'samples') {
        lines.push(sampleLine({ labels, value: columns.values[i]!, timestampMs, stale }))
      } else {
        const histogram = columns.histograms[i]!
        lines.push(
          lineOf({
            labels: labelsToJson(labels),
            value: stale ? 'NaN' : null,
            timestampMs,
            stale: stale ? true : undefined,
            histogram: stale ? undefined : histogramToJson(histogram, timestampMs),
          }),
        )
      }
    }
  }
  return lines.join('')
}

function lineOf(value: { [key: string]: JsonValue | undefined }): string {
  return `${writeJson(value)}\n`
}
