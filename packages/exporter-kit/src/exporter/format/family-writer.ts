import { escapeQuoted, type FamilySample, formatGoFloat, metricNameLabel } from '@promline/core'
import { isMetricName } from '../../registry/names.js'
import { escapeName, type NameEscaping } from './name-escaping.js'

/** Labels that tell the samples of one histogram or summary apart: they come last. */
export const innerLabels: ReadonlySet<string> = new Set(['le', 'quantile'])

/** The name of a family as it stands in a HELP or TYPE line. */
export function familyNameText(name: string, escaping: NameEscaping): string {
  const escaped = escapeName(name, escaping)
  return isMetricName(escaped) ? escaped : quote(escaped)
}

/** A sample's line without its timestamp: `name{label="value"} 1`, or `{"name.with.dots",label="value"} 1`. */
export function sampleText({ labels, value }: FamilySample, escaping: NameEscaping): string {
  const name = escapeName(labels.get(metricNameLabel) ?? '', escaping)
  const pairs: string[] = isMetricName(name) ? [] : [quote(name)]
  const last: string[] = []
  for (let i = 0; i < labels.length; i++) {
    const labelName = labels.nameAt(i)
    if (labelName === metricNameLabel) continue
    const pair = `${labelNameText(labelName, escaping)}=${quote(labels.valueAt(i))}`
    if (innerLabels.has(labelName)) last.push(pair)
    else pairs.push(pair)
  }
  const all = pairs.concat(last).join(',')
  return `${isMetricName(name) ? name : ''}${all === '' ? '' : `{${all}}`} ${formatGoFloat(value)}`
}

/** A colon is for the names of metrics alone. */
function labelNameText(name: string, escaping: NameEscaping): string {
  const escaped = escapeName(name, escaping)
  return isMetricName(escaped) && !escaped.includes(':') ? escaped : quote(escaped)
}

function quote(text: string): string {
  return `"${escapeQuoted(text)}"`
}
