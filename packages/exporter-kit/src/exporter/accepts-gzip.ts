import { parseWeightedList } from './format/weighted-list.js'

/**
 * Whether an Accept-Encoding header asks for gzip: by name or by `*`, and not with a weight of 0.
 * https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function acceptsGzip(header: string | undefined): boolean {
  const weights = new Map(parseWeightedList(header ?? '').map(({ value, weight }) => [value, weight]))
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0
}
