import { escapeQuoted, type FamilySample, type MetricFamily, metricNameLabel } from '@promline/core'
import { familyNameText, innerLabels, sampleText } from './family-writer.js'
import type { NameEscaping } from './name-escaping.js'
import { openMetricsFamily, totalOf } from './openmetrics-family.js'

/**
 * Families of the Prometheus text format as OpenMetrics 1.0:
 *
 *     page   = { family } "# EOF" LF
 *     family = [ "# HELP" name text LF ] "# TYPE" name type LF { sample LF }
 *
 * For pages that need care; `textToOpenMetrics` does most of them faster.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function serializeOpenMetrics(families: readonly MetricFamily[], escaping: NameEscaping): string {
  const names = new Set(families.map((family) => family.name))
  return `${families.map((family) => serializeFamily(family, names, escaping)).join('')}# EOF\n`
}

function serializeFamily(family: MetricFamily, names: ReadonlySet<string>, escaping: NameEscaping): string {
  const { help, samples } = family
  const total = totalOf(family.name)
  const countsUp = samples.every(({ labels, value }) => labels.get(metricNameLabel) === total && value >= 0)
  const { name, type } = openMetricsFamily({ ...family, countsUp }, names)
  const shown = familyNameText(name, escaping)
  const lines: string[] = []
  if (help !== '') lines.push(`# HELP ${shown} ${escapeQuoted(help)}`)
  lines.push(`# TYPE ${shown} ${type}`)
  for (const sample of type === 'histogram' || type === 'summary' ? joinMetrics(samples) : samples) {
    lines.push(`${sampleText(sample, escaping)}${sample.timestampMs === undefined ? '' : ` ${sample.timestampMs / 1000}`}`)
  }
  return `${lines.join('\n')}\n`
}

/** Puts the samples of one histogram or summary side by side: in the text format a page may list all sums and then all counts. */
function joinMetrics(samples: readonly FamilySample[]): FamilySample[] {
  const metrics = new Map<string, FamilySample[]>()
  for (const sample of samples) {
    const key = metricKey(sample)
    const known = metrics.get(key)
    if (known === undefined) metrics.set(key, [sample])
    else known.push(sample)
  }
  return [...metrics.values()].flat()
}

function metricKey({ labels }: FamilySample): string {
  const pairs: string[] = []
  for (let i = 0; i < labels.length; i++) {
    const name = labels.nameAt(i)
    if (name !== metricNameLabel && !innerLabels.has(name)) pairs.push(name, labels.valueAt(i))
  }
  return JSON.stringify(pairs)
}
