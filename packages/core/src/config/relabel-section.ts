import { isPromlineError } from '../model/errors.js'
import type { RelabelConfig } from '../relabel/relabel-config.js'
import { relabelActions, validateRelabelConfig } from '../relabel/validate-relabel-config.js'
import type { ConfigNode, SectionParser } from './config-node.js'
import { defined } from './defined.js'
import { labelName } from './labels-section.js'

/** A list of relabel rules, each checked; a fault is placed at its field. */
export const parseRelabelSection: SectionParser<readonly RelabelConfig[]> = (node) => node.list(parseRelabelConfig)

function parseRelabelConfig(node: ConfigNode): RelabelConfig {
  const given = node.fields(
    {
      source_labels: (field) => field.list(labelName),
      separator: textOrEmpty,
      regex: textOrEmpty,
      modulus,
      target_label: (field) => field.string(),
      replacement: textOrEmpty,
      action,
    },
    // In Prometheus `separator:` is the empty text, not the default.
    { takesEmpty: ['separator', 'regex', 'replacement', 'action'] },
  )
  const config: RelabelConfig = defined({
    sourceLabels: given.source_labels,
    separator: given.separator,
    regex: given.regex,
    modulus: given.modulus,
    targetLabel: given.target_label,
    replacement: given.replacement,
    action: given.action,
  })
  validate(node, config)
  return config
}

function validate(node: ConfigNode, config: RelabelConfig): void {
  try {
    validateRelabelConfig(config)
  } catch (error) {
    if (!isPromlineError(error, 'relabel')) throw error
    const { field } = error.facts
    throw (typeof field === 'string' ? node.at(field) : node).error(error.message, error)
  }
}

function textOrEmpty(field: ConfigNode): string {
  return field.isEmpty ? '' : field.string()
}

/** A uint64, which a number cannot hold. */
function modulus(field: ConfigNode): bigint {
  const text = field.string()
  // Go reads a leading zero as octal: refused rather than read differently.
  if (!/^(0|[1-9]\d*)$/.test(text)) throw field.error(`expected an integer, found ${JSON.stringify(text)}`)
  return BigInt(text)
}

/** Prometheus reads actions in any letter case. */
function action(field: ConfigNode): NonNullable<RelabelConfig['action']> {
  const text = textOrEmpty(field)
  const found = relabelActions.find((candidate) => candidate === text.toLowerCase())
  return found ?? field.choice(relabelActions)
}
