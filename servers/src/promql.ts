import { jsonAt, jsonListAt, jsonTextsAt } from './json.js'

/** One series of an answer, with its samples as Prometheus prints them: the value stays text, so that nothing is lost on the way. */
export interface QueriedSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly { readonly timestampMs: number; readonly value: string }[]
}

export interface PromqlQuery {
  /** A Prometheus or a VictoriaMetrics. */
  readonly url: string
  /** `up`, or a range selector such as `up[5m]`, which gives the samples as they were stored. */
  readonly query: string
  /** Default: now. */
  readonly timeMs?: number
}

/** An instant query, sorted by labels. Rejects with what the server says against it. */
export async function queryPrometheus({ url, query, timeMs }: PromqlQuery): Promise<QueriedSeries[]> {
  const parameters = new URLSearchParams({ query })
  if (timeMs !== undefined) parameters.set('time', String(timeMs / 1_000))
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: parameters })
  const answer: unknown = await response.json()
  if (jsonAt(answer, 'status') !== 'success') throw new Error(`${query}: ${response.status} ${JSON.stringify(answer)}`)
  return jsonListAt(answer, 'data', 'result')
    .map(seriesOf)
    .sort((a, b) => (labelKey(a.labels) < labelKey(b.labels) ? -1 : 1))
}

/** One element of a vector (`value`) or of a matrix (`values`). */
function seriesOf(element: unknown): QueriedSeries {
  const single = jsonAt(element, 'value')
  const pairs = single === undefined ? jsonListAt(element, 'values') : [single]
  const samples = pairs.map((pair) => ({ timestampMs: Math.round(Number(jsonAt(pair, 0)) * 1_000), value: String(jsonAt(pair, 1)) }))
  return { labels: jsonTextsAt(element, 'metric'), samples }
}

function labelKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
