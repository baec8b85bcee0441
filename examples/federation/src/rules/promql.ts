import { parser } from '@prometheus-io/lezer-promql'

/** What a query asks for. */
export interface PromqlNames {
  /** Names of metrics, of recorded ones as well; sorted. */
  readonly metrics: readonly string[]
  /** Patterns that names are matched with (`{__name__=~"..."}`); sorted. */
  readonly namePatterns: readonly string[]
}

/** Reads a query with the grammar of Prometheus' own editor. Throws an Error that shows where it does not parse. */
export function parsePromql(query: string): PromqlNames {
  const metrics = new Set<string>()
  const namePatterns = new Set<string>()
  parser.parse(query).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new Error(`${query}: cannot be read at character ${from}: ${JSON.stringify(query.slice(from, from + 20))}`)
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector') metrics.add(query.slice(from, to))
      if (type.name !== 'UnquotedLabelMatcher') return
      const [, operator, text] = /^__name__\s*(=~?)\s*["'](.*)["']$/.exec(query.slice(from, to)) ?? []
      if (operator === '=' && text !== undefined) metrics.add(text)
      if (operator === '=~' && text !== undefined) namePatterns.add(text)
    },
  })
  return { metrics: [...metrics].sort(), namePatterns: [...namePatterns].sort() }
}
