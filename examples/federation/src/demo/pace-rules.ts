import { isMap, isScalar, parseDocument, visit } from 'yaml'

const unit = String.raw`(?:\d+(?:ms|[smhdwy]))+`
const duration = new RegExp(unit, 'g')
/** Texts in quotes, which stay, and what is paced: `[5m]`, `[1h:30s]`, `offset 1h`, `15 * 60`. */
const times = new RegExp(
  String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[\s*${unit}\s*(?::\s*(?:${unit})?\s*)?\]|\boffset\s+${unit}|\b\d+ \* 60\b`,
  'g',
)
/** Keys whose value is a duration. */
const durations: ReadonlySet<unknown> = new Set(['for', 'interval', 'keep_firing_for'])

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
}

/**
 * The text of a rule file for a demo that runs so many times faster: every `for:` and `interval:`, every range and offset in an expression
 * (`[5m]`), and every limit in seconds that is written as `N * 60` is divided. Names (`...:rate5m`), annotations and all other numbers stay.
 * With 1 the text stays as it is.
 */
export function paceRules(text: string, faster: number): string {
  if (faster === 1) return text
  const document = parseDocument(text)
  visit(document, {
    Pair(_, { key, value }) {
      // Labels and annotations may have keys of these names, but hold none of them.
      if (isMap(value)) return visit.SKIP
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string') return undefined
      if (durations.has(key.value)) value.value = shorter(value.value, faster)
      else if (key.value === 'expr') value.value = paceExpression(value.value, faster)
      return undefined
    },
  })
  return document.toString()
}

function paceExpression(expression: string, faster: number): string {
  return expression.replaceAll(times, (found) => {
    if (found.startsWith('"') || found.startsWith("'")) return found
    const minutes = /^(\d+) \* 60$/.exec(found)
    return minutes === null ? found.replaceAll(duration, (one) => shorter(one, faster)) : `${(Number(minutes[1]) * 60) / faster}`
  })
}

/** At least a millisecond: Prometheus takes no range of nothing. */
function shorter(text: string, faster: number): string {
  let ms = 0
  for (const [, amount, name = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) ms += Number(amount) * (unitMs[name] ?? 0)
  const left = Math.max(1, Math.round(ms / faster))
  return left % 1_000 === 0 ? `${left / 1_000}s` : `${left}ms`
}
