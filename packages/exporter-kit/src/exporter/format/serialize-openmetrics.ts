import { escapeQuoted, type FamilySample, type MetricFamily, metricNameLabel } from '@promline/core'
import { isComposite, metricKey } from './composite.js'
import { familyNameText, sampleText } from './family-writer.js'
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
export function serializeOpenMetrics(families: readonly MetricFamily[]): string {
  const all = new Map(families.map((family) => [family.name, family]))
  return `${families.map((family) => serializeFamily(family, all)).join('')}# EOF\n`
}

function serializeFamily(family: MetricFamily, all: ReadonlyMap<string, MetricFamily>): string {
  const { help, samples } = family
  const total = totalOf(family.name)
  const countsUp = samples.every(({ labels, value }) => labels.get(metricNameLabel) === total && value >= 0)
  const { name, type } = openMetricsFamily({ ...family, countsUp }, all)
  const shown = familyNameText(name)
  const lines: string[] = []
  if (help !== '') lines.push(`# HELP ${shown} ${escapeQuoted(help)}`)
  lines.push(`# TYPE ${shown} ${type}`)
  for (const sample of isComposite(type) ? joinMetrics(family) : samples) {
    lines.push(`${sampleText(sample)}${sample.timestampMs === undefined ? '' : ` ${sample.timestampMs / 1000}`}`)
  }
  return `${lines.join('\n')}\n`
}

/** Puts the samples of one histogram or summary side by side: in the text format a page may list all sums and then all counts. */
function joinMetrics({ samples, type }: MetricFamily): FamilySample[] {
  const metrics = new Map<string, FamilySample[]>()
  for (const sample of samples) {
    const key = metricKey(sample, type)
    const known = metrics.get(key)
    if (known === undefined) metrics.set(key, [sample])
    else known.push(sample)
  }
  return [...metrics.values()].flat()
}
