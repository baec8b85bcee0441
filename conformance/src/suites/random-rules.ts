// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of Go are what is tested

/** A choice among values. */
type Pick = <T>(values: readonly T[]) => T

/** Names of labels that targets have, may have or get. */
const names = ['a', 'b', 'env', 'env_name', 'job', '__meta_zone', '__meta_node_name', 'none', 'x_1', 'A'] as const
const values = [
  '',
  'a',
  'b',
  'prod',
  'Prod',
  'eu-west-1',
  'a.b:9090',
  'x;y',
  'env',
  'straße',
  'ΑΣ',
  '10.0.0.1',
  'aaa',
  ' ',
  '$1',
  '1',
] as const
const regexes = [
  '(.*)',
  '.*',
  '.+',
  'a|b',
  '(a|b)',
  '(prod|dev)',
  '(?i)PROD',
  '(?i)(p)(.*)',
  '([^-]+)-(.*)',
  '(.*);(.*)',
  '[[:alpha:]]+',
  '\\\\d+',
  '(?P<first>.)(.*)',
  'eu.*',
  '',
  'a{3}',
  '(a+?)(a*)',
  '\\\\pL+',
  '([a-z.]+)(?::\\\\d+)?',
  '(|x);?(.*)',
  '.',
  '\\\\w+',
  '(a)|(b)',
] as const
const replacements = ['$1', '${1}', '$2', '${2}_$1', '$1x', '$$1', '', 'fixed', '$0', '${first}', '-$3-', 'é'] as const
/** What a name is made from must make one that Prometheus 2.42 takes, too. */
const targets = ['c', 'd', 'a', 'env', 'job', 'instance', 'x_new', 'x_$2none', '__tmp'] as const
const labelRegexes = ['a|b', 'env.*', '__meta_.*', 'x_(.+)', '(?i)A', 'none', '__meta_(zone|node).*'] as const
const keptRegexes = ['a', 'env|job', 'x_.*|b', 'job|instance|__meta_zone'] as const

/** One valid rule in YAML's flow style. */
export function randomRule(pick: Pick): string {
  const sources = `source_labels: [${pick([[], [pick(names)], [pick(names)], [pick(names), pick(names)]]).join(', ')}]`
  const regex = `regex: "${pick(regexes)}"`
  const separator = pick(['', '', '', ', separator: "-"', ', separator: ""'])
  const target = pick(targets.filter((name) => !name.includes('$')))
  const action = pick([
    'replace',
    'replace',
    'replace',
    'keep',
    'drop',
    'equal',
    'hashmod',
    'labelmap',
    'labeldrop',
    'labelkeep',
    'lowercase',
    'uppercase',
  ])
  switch (action) {
    case 'replace':
      return `{${sources}${separator}, ${regex}, target_label: "${pick(targets)}", replacement: "${pick(replacements)}"}`
    case 'keep':
    case 'drop':
      return `{${sources}${separator}, ${regex}, action: ${action}}`
    case 'equal':
      return `{source_labels: [${pick(names)}], target_label: ${pick(names)}, action: ${pick(['keepequal', 'dropequal'])}}`
    case 'hashmod':
      return `{${sources}${separator}, target_label: ${target}, modulus: ${pick([1, 7, 1000, 4294967296])}, action: hashmod}`
    case 'labelmap':
      return `{regex: "${pick(labelRegexes)}", replacement: "${pick(['m_$1', 'x_new', 'm_${1}_x'])}", action: labelmap}`
    case 'labeldrop':
      return `{regex: "${pick(labelRegexes)}", action: labeldrop}`
    case 'labelkeep':
      // A target without these is none.
      return `{regex: "__address__|__scheme__|__metrics_path__|__scrape_.*|${pick(keptRegexes)}", action: labelkeep}`
    default:
      return `{${sources}${separator}, target_label: ${target}, action: ${action}}`
  }
}

/** The labels of a target. */
export function randomLabels(pick: Pick): Record<string, string> {
  return Object.fromEntries(Array.from({ length: pick([0, 1, 2, 3, 4]) }, () => [pick(names), pick(values)]))
}
