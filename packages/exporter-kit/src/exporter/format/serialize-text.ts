import { escapeHelp, type MetricFamily } from '@promline/core'
import { familyNameText, sampleText } from './family-writer.js'
import type { NameEscaping } from './name-escaping.js'

/** Families in the Prometheus text format. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function serializeText(families: readonly MetricFamily[], escaping: NameEscaping): string {
  return families.map((family) => serializeFamily(family, escaping)).join('')
}

function serializeFamily({ name, type, help, samples }: MetricFamily, escaping: NameEscaping): string {
  const shown = familyNameText(name, escaping)
  const lines: string[] = []
  if (help !== '') lines.push(`# HELP ${shown} ${escapeHelp(help)}`)
  lines.push(`# TYPE ${shown} ${type === 'unknown' ? 'untyped' : type}`)
  for (const sample of samples) {
    lines.push(`${sampleText(sample, escaping)}${sample.timestampMs === undefined ? '' : ` ${sample.timestampMs}`}`)
  }
  return `${lines.join('\n')}\n`
}
