import { parseDurationMs } from '@promline/core'
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

/** At least a millisecond: Prometheus takes no range of nothing. What is no duration stays: it is Prometheus that refuses it. */
function shorter(text: string, faster: number): string {
  const ms = parseDurationMs(text)
  if (ms === undefined) return text
  const left = Math.max(1, Math.round(ms / faster))
  return left % 1_000 === 0 ? `${left / 1_000}s` : `${left}ms`
}
