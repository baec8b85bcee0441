import type { LabelsBuilder } from '../model/labels-builder.js'
import { hashmod } from './hashmod.js'
import { isLabelName } from './label-name.js'
import { toLowerCase, toUpperCase } from './letter-case.js'
import { compileRegex } from './regex.js'
import type { RelabelConfig } from './relabel-config.js'
import { compileTemplate } from './template.js'
import { type CompleteRelabelConfig, validateRelabelConfig } from './validate-relabel-config.js'

/** One compiled rule: changes the labels, or says with `false` that they are dropped. */
export type Rule = (labels: LabelsBuilder) => boolean

/** Compiles one rule; see `validateRelabelConfig` for what is refused. */
export function compileRule(input: RelabelConfig): Rule {
  const config = validateRelabelConfig(input)
  switch (config.action) {
    case 'replace':
      return compileReplace(config)
    case 'keep':
    case 'drop':
      return compileFilter(config)
    case 'keepequal':
    case 'dropequal':
      return compileEqual(config)
    case 'hashmod':
      return setting(config, (joined) => hashmod(joined, config.modulus).toString())
    case 'lowercase':
      return setting(config, toLowerCase)
    case 'uppercase':
      return setting(config, toUpperCase)
    case 'labelmap':
      return compileLabelMap(config)
    case 'labeldrop':
    case 'labelkeep':
      return compileLabelFilter(config)
  }
}

/** The values of the source labels, joined; an absent label counts as ''. */
function compileJoin({ sourceLabels, separator }: CompleteRelabelConfig): (labels: LabelsBuilder) => string {
  const [only, ...others] = sourceLabels
  if (only === undefined) return () => ''
  if (others.length === 0) return (labels) => labels.get(only)
  return (labels) => sourceLabels.map((name) => labels.get(name)).join(separator)
}

function compileReplace(config: CompleteRelabelConfig): Rule {
  const join = compileJoin(config)
  const regex = compileRegex(config.regex)
  const target = compileTemplate(config.targetLabel, regex)
  const replacement = compileTemplate(config.replacement, regex)
  return (labels) => {
    const groups = regex.match(join(labels))
    if (groups === undefined) return true
    const name = target(groups)
    if (isLabelName(name)) labels.set(name, replacement(groups))
    return true
  }
}

function compileFilter(config: CompleteRelabelConfig): Rule {
  const join = compileJoin(config)
  const regex = compileRegex(config.regex)
  const keep = config.action === 'keep'
  return (labels) => regex.test(join(labels)) === keep
}

function compileEqual(config: CompleteRelabelConfig): Rule {
  const join = compileJoin(config)
  const keep = config.action === 'keepequal'
  return (labels) => (labels.get(config.targetLabel) === join(labels)) === keep
}

function setting(config: CompleteRelabelConfig, map: (joined: string) => string): Rule {
  const join = compileJoin(config)
  return (labels) => {
    labels.set(config.targetLabel, map(join(labels)))
    return true
  }
}

/** Works on the labels as they were: what one label is mapped to is not mapped again. A name that cannot be one is left out. */
function compileLabelMap(config: CompleteRelabelConfig): Rule {
  const regex = compileRegex(config.regex)
  const replacement = compileTemplate(config.replacement, regex)
  return (labels) => {
    const before = labels.names().map((name) => [name, labels.get(name)] as const)
    for (const [name, value] of before) {
      const groups = regex.match(name)
      const mapped = groups === undefined ? '' : replacement(groups)
      if (isLabelName(mapped)) labels.set(mapped, value)
    }
    return true
  }
}

function compileLabelFilter(config: CompleteRelabelConfig): Rule {
  const regex = compileRegex(config.regex)
  const keep = config.action === 'labelkeep'
  return (labels) => {
    for (const name of labels.names()) if (regex.test(name) !== keep) labels.delete(name)
    return true
  }
}
