import { escapeQuoted, type FamilySample, formatGoFloat, metricNameLabel } from '@promline/core'
import { isMetricName } from '../../registry/names.js'
import { innerLabels } from './composite.js'
import { isPlainLabelName } from './name-escaping.js'

/** The name of a family as it stands in a HELP or TYPE line. */
export function familyNameText(name: string): string {
  return isMetricName(name) ? name : quote(name)
}

/** A sample's line without its timestamp: `name{label="value"} 1`, or `{"name.with.dots",label="value"} 1`. */
export function sampleText({ labels, value }: FamilySample): string {
  const name = labels.get(metricNameLabel) ?? ''
  const pairs: string[] = isMetricName(name) ? [] : [quote(name)]
  const last: string[] = []
  for (let i = 0; i < labels.length; i++) {
    const labelName = labels.nameAt(i)
    if (labelName === metricNameLabel) continue
    const pair = `${isPlainLabelName(labelName) ? labelName : quote(labelName)}=${quote(labels.valueAt(i))}`
    if (innerLabels.has(labelName)) last.push(pair)
    else pairs.push(pair)
  }
  const all = pairs.concat(last).join(',')
  return `${isMetricName(name) ? name : ''}${all === '' ? '' : `{${all}}`} ${formatGoFloat(value)}`
}

function quote(text: string): string {
  return `"${escapeQuoted(text)}"`
}
