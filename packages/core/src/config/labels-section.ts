import { createLabels, type Labels } from '../model/labels.js'
import { isLabelName } from '../relabel/label-name.js'
import type { ConfigNode, SectionParser } from './config-node.js'

/** The name of a label. */
export const labelName: SectionParser<string> = (node) => {
  const name = node.string()
  if (!isLabelName(name)) throw node.error(`${JSON.stringify(name)} is not a valid label name`)
  return name
}

/** A map of labels; an empty value is the same as no label. */
export function parseLabels(node: ConfigNode, expand: (value: string) => string = (value) => value): Labels {
  const pairs = node.entries((field) => ({ field, value: field.isEmpty ? '' : expand(field.string()) }))
  for (const [name, { field, value }] of pairs) {
    if (!isLabelName(name)) throw field.error(`${JSON.stringify(name)} is not a valid label name`)
    if (!value.isWellFormed()) throw field.error('a lone surrogate has no UTF-8 form')
  }
  return createLabels(pairs.map(([name, { value }]) => [name, value] as const))
}
