import { type FamilySample, type MetricFamily, type MetricType, metricNameLabel } from '@promline/core'
import { familyNameText, innerLabels, sampleText } from './family-writer.js'
import type { NameEscaping } from './name-escaping.js'

/**
 * Families of the Prometheus text format as OpenMetrics 1.0:
 *
 *     page   = { family } "# EOF" LF
 *     family = [ "# HELP" name text LF ] "# TYPE" name type LF { sample LF }
 *
 * A counter's family has the name of its series without `_total`. One that OpenMetrics would not call a counter (a series without
 * `_total`, a value below 0 or NaN, a name that another family has) is `unknown`: series never change their names with the format.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function serializeOpenMetrics(families: readonly MetricFamily[], escaping: NameEscaping): string {
  const names = new Set(families.map((family) => family.name))
  return `${families.map((family) => serializeFamily(family, { ...describe(family, names), escaping })).join('')}# EOF\n`
}

interface Description {
  readonly name: string
  readonly type: MetricType
}

function serializeFamily({ help, samples }: MetricFamily, { name, type, escaping }: Description & { escaping: NameEscaping }): string {
  const shown = familyNameText(name, escaping)
  const lines: string[] = []
  if (help !== '') lines.push(`# HELP ${shown} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}`)
  lines.push(`# TYPE ${shown} ${type}`)
  for (const sample of type === 'histogram' || type === 'summary' ? joinMetrics(samples) : samples) {
    lines.push(`${sampleText(sample, escaping)}${sample.timestampMs === undefined ? '' : ` ${sample.timestampMs / 1000}`}`)
  }
  return `${lines.join('\n')}\n`
}

function describe({ name, type, samples }: MetricFamily, names: ReadonlySet<string>): Description {
  if (type !== 'counter') return { name, type }
  const base = name.endsWith('_total') ? name.slice(0, -'_total'.length) : name
  const isFree = base !== '' && (base === name || !names.has(base))
  const fits = samples.every(({ labels, value }) => labels.get(metricNameLabel) === `${base}_total` && value >= 0)
  return isFree && fits ? { name: base, type } : { name, type: 'unknown' }
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
