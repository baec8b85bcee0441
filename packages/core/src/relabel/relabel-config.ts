/** What a rule does. https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config */
export type RelabelAction =
  | 'replace'
  | 'keep'
  | 'drop'
  | 'keepequal'
  | 'dropequal'
  | 'hashmod'
  | 'labelmap'
  | 'labeldrop'
  | 'labelkeep'
  | 'lowercase'
  | 'uppercase'

/** One rule, as users write it. Absent fields have Prometheus' defaults. */
export interface RelabelConfig {
  /** Default: none, which joins to ''. */
  readonly sourceLabels?: readonly string[]
  /** Between the values of the source labels. Default ';'. */
  readonly separator?: string
  /** RE2, anchored at both ends, the dot matches a newline. Default '(.*)'. */
  readonly regex?: string
  /** For hashmod; required there, at least 1. */
  readonly modulus?: number | bigint
  readonly targetLabel?: string
  /** With $1, ${1}, $name, ${name}. Default '$1'. */
  readonly replacement?: string
  /** Default 'replace'. */
  readonly action?: RelabelAction
}
