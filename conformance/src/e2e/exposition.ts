/** The value of each series on a page, by `seriesKey`. */
export type PageValues = ReadonlyMap<string, number>

/** One text for the same name and labels, whatever their order. */
export function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
}

const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g
const escapes: Readonly<Record<string, string>> = { n: '\n' }
const infinities: Readonly<Record<string, number>> = { '+Inf': Number.POSITIVE_INFINITY, '-Inf': Number.NEGATIVE_INFINITY }

/** Reads a page as Go's and our exporters print it: no timestamps, one space. Throws for a line that it cannot read. */
export function readPage(page: string): PageValues {
  const values = new Map<string, number>()
  for (const text of page.split('\n')) {
    if (text === '' || text.startsWith('#')) continue
    const [, name, inner = '', value] = sample.exec(text) ?? []
    if (name === undefined || value === undefined) throw new Error(`not a sample: ${text}`)
    const labels = [...inner.matchAll(label)].map((match) => [match[1]!, match[2]!.replaceAll(/\\(.)/g, (_, c: string) => escapes[c] ?? c)])
    values.set(seriesKey(name, Object.fromEntries(labels)), infinities[value] ?? Number(value))
  }
  return values
}
