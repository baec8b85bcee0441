import { isPromlineError, PromlineError } from '../model/errors.js'
import type { Labels } from '../model/labels.js'
import { LabelsBuilder } from '../model/labels-builder.js'
import type { RelabelConfig } from './relabel-config.js'
import { compileRule, type Rule } from './rule.js'

/** A compiled list of rules. */
export interface Relabeler {
  /** The labels after all rules: the same object where nothing changed; undefined where they are dropped, or none is left. */
  relabel(labels: Labels): Labels | undefined
  /** The same for labels that are being edited; false where they are dropped. That none is left is not said. */
  edit(labels: LabelsBuilder): boolean
  /** Set where there are no rules: then labels come back as they are. */
  readonly isEmpty?: true
}

/**
 * Compiles rules to be applied in order. Throws a PromlineError (`relabel`) that names the rule by its place, its action and its field.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
 */
export function compileRelabelConfigs(configs: readonly RelabelConfig[]): Relabeler {
  const rules = configs.map((config, i) => compileAt(config, `rule ${i + 1} of ${configs.length}`))
  if (rules.length === 0) return { relabel: nonEmpty, edit: () => true, isEmpty: true }
  const builder = new LabelsBuilder()
  const edit = (labels: LabelsBuilder): boolean => {
    for (const rule of rules) if (!rule(labels)) return false
    return true
  }
  return {
    edit,
    relabel(labels) {
      if (!edit(builder.reset(labels))) return undefined
      const after = builder.build()
      return nonEmpty(after.equals(labels) ? labels : after)
    },
  }
}

function compileAt(config: RelabelConfig, place: string): Rule {
  try {
    return compileRule(config)
  } catch (error) {
    if (!isPromlineError(error, 'relabel')) throw error
    throw new PromlineError('relabel', `${place}: ${error.message}`, { cause: error.cause, facts: error.facts })
  }
}

function nonEmpty(labels: Labels): Labels | undefined {
  return labels.length === 0 ? undefined : labels
}
