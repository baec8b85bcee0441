import { compileRelabelConfigs, type Labels, metricNameLabel, PromlineError } from '@promline/core'

/** Decides whether a series is meant. */
export type Selector = (labels: Labels) => boolean

interface Matcher {
  readonly name: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

/**
 * Reads what a person types into the chart's field: a metric's name (`up`), a part of one (`connections_`), or a selector with matchers as
 * in PromQL (`up{job="x"}`, `{job=~"a|b", instance!="c"}`; regular expressions are RE2, anchored). Throws a PromlineError (`parse`).
 */
export function parseSelector(text: string): Selector {
  const trimmed = text.trim()
  if (trimmed === '') throw new PromlineError('parse', 'a selector is missing: the name of a metric, a part of one, or {label="value"}')
  const brace = trimmed.indexOf('{')
  const name = (brace < 0 ? trimmed : trimmed.slice(0, brace)).trim()
  if (brace < 0) return (labels) => (labels.get(metricNameLabel) ?? '').includes(name)
  if (!trimmed.endsWith('}')) throw new PromlineError('parse', `selector ${JSON.stringify(trimmed)} has no closing brace`)
  const matchers = parseMatchers(trimmed.slice(brace + 1, -1)).map(compileMatcher)
  if (name !== '') matchers.push(compileMatcher({ name: metricNameLabel, operator: '=', value: name }))
  return (labels) => matchers.every((matches) => matches(labels))
}

const matcherPattern = /^\s*([A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\]|\\.)*")\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")\s*(,|$)/

function parseMatchers(text: string): Matcher[] {
  const matchers: Matcher[] = []
  for (let rest = text; rest.trim() !== ''; ) {
    const match = matcherPattern.exec(rest)
    const [whole, name, operator, value] = match ?? []
    if (whole === undefined || name === undefined || value === undefined || !isOperator(operator)) {
      throw new PromlineError('parse', `expected name="value" at ${JSON.stringify(rest.trim().slice(0, 40))}`)
    }
    matchers.push({ name: unquote(name), operator, value: unquote(value) })
    rest = rest.slice(whole.length)
  }
  return matchers
}

function isOperator(text: string | undefined): text is Matcher['operator'] {
  return text === '=' || text === '!=' || text === '=~' || text === '!~'
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text
  return text.slice(1, -1).replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

function compileMatcher({ name, operator, value }: Matcher): Selector {
  if (operator === '=') return (labels) => (labels.get(name) ?? '') === value
  if (operator === '!=') return (labels) => (labels.get(name) ?? '') !== value
  // The relabeller's `keep` is exactly an anchored RE2 match of a label, and safe against patterns that would run for hours.
  const relabeler = compileRelabelConfigs([{ sourceLabels: [name], regex: value, action: operator === '=~' ? 'keep' : 'drop' }])
  return (labels) => relabeler.relabel(labels) !== undefined
}
