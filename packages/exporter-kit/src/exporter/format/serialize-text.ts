import { escapeHelp, type MetricFamily } from '@promline/core'
import { familyNameText, sampleText } from './family-writer.js'

/** Families in the Prometheus text format. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function serializeText(families: readonly MetricFamily[]): string {
  return families.map(serializeFamily).join('')
}

function serializeFamily({ name, type, help, samples }: MetricFamily): string {
  const shown = familyNameText(name)
  const lines: string[] = []
  if (help !== '') lines.push(`# HELP ${shown} ${escapeHelp(help)}`)
  lines.push(`# TYPE ${shown} ${type === 'unknown' ? 'untyped' : type}`)
  for (const sample of samples) {
    lines.push(`${sampleText(sample)}${sample.timestampMs === undefined ? '' : ` ${sample.timestampMs}`}`)
  }
  return `${lines.join('\n')}\n`
}
