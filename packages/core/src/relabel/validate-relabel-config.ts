import { PromlineError } from '../model/errors.js'
import { isLabelName } from './label-name.js'
import { compileRegex } from './regex.js'
import type { RelabelAction, RelabelConfig } from './relabel-config.js'

/** A rule with Prometheus' defaults filled in. */
export interface CompleteRelabelConfig {
  readonly sourceLabels: readonly string[]
  readonly separator: string
  readonly regex: string
  /** 0 where the action needs none. */
  readonly modulus: bigint
  /** '' where the action needs none. */
  readonly targetLabel: string
  readonly replacement: string
  readonly action: RelabelAction
}

/** Every action, in the order of Prometheus' documentation. */
export const relabelActions: readonly RelabelAction[] = [
  'replace',
  'lowercase',
  'uppercase',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
]

const defaults = { separator: ';', regex: '(.*)', replacement: '$1' }
/** The largest uint64, which is what Prometheus keeps a modulus in. */
const maxModulus = 2n ** 64n - 1n

const withTarget = new Set<RelabelAction>(['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'])
const withoutReplacement = new Set<RelabelAction>(['lowercase', 'uppercase', 'keepequal', 'dropequal'])

/**
 * Checks a rule as Prometheus does and fills its defaults in. Throws a PromlineError (`relabel`) whose message names the action and the
 * field as YAML spells it; `facts.field` has the field, too.
 */
export function validateRelabelConfig(config: RelabelConfig): CompleteRelabelConfig {
  const action = config.action ?? 'replace'
  if (!relabelActions.includes(action)) {
    throw refusal('action', `relabel action ${JSON.stringify(action)} is unknown: it is one of ${relabelActions.join(', ')}`)
  }
  const complete: CompleteRelabelConfig = {
    sourceLabels: config.sourceLabels ?? [],
    separator: config.separator ?? defaults.separator,
    regex: config.regex ?? defaults.regex,
    modulus: toModulus(config.modulus, action),
    targetLabel: config.targetLabel ?? '',
    replacement: config.replacement ?? defaults.replacement,
    action,
  }
  assertTexts(complete)
  assertTarget(complete)
  assertReplacement(complete)
  assertFields(config, complete)
  compileRegex(complete.regex)
  return complete
}

function toModulus(modulus: number | bigint | undefined, action: RelabelAction): bigint {
  const isInteger = typeof modulus === 'bigint' || Number.isSafeInteger(modulus)
  const value = isInteger && modulus !== undefined ? BigInt(modulus) : 0n
  const isAbsent = modulus === undefined || value === 0n
  if (isAbsent && action === 'hashmod') throw refusal('modulus', "relabel action hashmod requires 'modulus', an integer of at least 1")
  if (modulus !== undefined && (!isInteger || value < 0n || value > maxModulus)) {
    throw refusal('modulus', `relabel action ${action}: 'modulus' must be an integer from 1 to ${maxModulus}, not ${modulus}`)
  }
  return value
}

/** A lone surrogate has no UTF-8 form: refused here, so that no rule can make a label that cannot be written. */
function assertTexts({ action, separator, regex, replacement }: CompleteRelabelConfig): void {
  for (const [field, text] of Object.entries({ separator, regex, replacement })) {
    if (!text.isWellFormed()) throw refusal(field, `relabel action ${action}: '${field}' has a lone surrogate, which UTF-8 cannot hold`)
  }
}

function assertTarget({ action, targetLabel }: CompleteRelabelConfig): void {
  if (!withTarget.has(action)) return
  if (targetLabel === '') throw refusal('target_label', `relabel action ${action} requires 'target_label'`)
  if (!isLabelName(targetLabel)) {
    throw refusal('target_label', `relabel action ${action}: 'target_label' ${JSON.stringify(targetLabel)} is not a valid label name`)
  }
}

function assertReplacement({ action, replacement }: CompleteRelabelConfig): void {
  if (withoutReplacement.has(action) && replacement !== defaults.replacement) {
    throw refusal('replacement', `relabel action ${action} takes no 'replacement'`)
  }
  if (action === 'labelmap' && !isLabelName(replacement)) {
    throw refusal('replacement', `relabel action labelmap: 'replacement' ${JSON.stringify(replacement)} is not a valid label name`)
  }
}

/** The actions that take a few fields only: a field that would be without effect is a mistake. */
function assertFields(config: RelabelConfig, complete: CompleteRelabelConfig): void {
  const { action, separator, replacement, modulus } = complete
  const common = { modulus: modulus !== 0n, separator: separator !== defaults.separator, replacement: replacement !== defaults.replacement }
  if (action === 'keepequal' || action === 'dropequal') {
    refuseGiven({ regex: config.regex !== undefined, ...common }, `relabel action ${action} takes only 'source_labels' and 'target_label'`)
  }
  if (action === 'labeldrop' || action === 'labelkeep') {
    const labels = { source_labels: config.sourceLabels !== undefined, target_label: complete.targetLabel !== '' }
    refuseGiven({ ...labels, ...common }, `relabel action ${action} takes only 'regex'`)
  }
}

function refuseGiven(given: Readonly<Record<string, boolean>>, rule: string): void {
  for (const [field, isGiven] of Object.entries(given)) {
    if (isGiven) throw refusal(field, `${rule}, not '${field}'`)
  }
}

function refusal(field: string, message: string): PromlineError {
  return new PromlineError('relabel', message, { facts: { field } })
}
