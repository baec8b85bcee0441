/** The value of each series on a page, by `seriesKey`. */
export type PageValues = ReadonlyMap<string, number>

type Pair = readonly [name: string, value: string]

const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g
const infinities: Readonly<Record<string, number>> = { '+Inf': Number.POSITIVE_INFINITY, '-Inf': Number.NEGATIVE_INFINITY }

/**
 * One text for the same name and labels, whatever their order. Empty labels are none, and bounds are compared as numbers: Prometheus 3
 * and promline write `1.0` where the page says `1`.
 */
export function seriesKey(name: string, labels: readonly Pair[]): string {
  const parts = labels.filter(([, value]) => value !== '').map(([key, value]) => `${key}=${isBound(key) ? readGoFloat(value) : value}`)
  return `${name}\n${parts.sort().join('\n')}`
}

/** A number as Go prints it. */
export function readGoFloat(text: string): number {
  return infinities[text] ?? Number(text)
}

/** Reads a page of the corpus: no timestamps, one space. Shares nothing with any subject. Throws for a line that it cannot read. */
export function readPage(page: Uint8Array): PageValues {
  const values = new Map<string, number>()
  for (const text of Buffer.from(page).toString('utf8').split('\n')) {
    if (text === '' || text.startsWith('#')) continue
    const [, name, inner = '', value] = sample.exec(text) ?? []
    if (name === undefined || value === undefined) throw new Error(`not a sample: ${text}`)
    values.set(seriesKey(name, readLabels(inner)), readGoFloat(value))
  }
  return values
}

/** Throws unless the samples are exactly those of a page: which series, and each value to the bit. Keys as `seriesKey` makes them. */
export function assertSamePage(expected: PageValues, actual: Iterable<readonly [key: string, value: number]>): void {
  let count = 0
  for (const [key, value] of actual) {
    const wanted = expected.get(key)
    if (!Object.is(wanted, value)) throw new Error(`${JSON.stringify(key)} has the value ${value}, on the page ${wanted}`)
    count++
  }
  if (count !== expected.size) throw new Error(`${count} samples, on the page ${expected.size}`)
}

function isBound(name: string): boolean {
  return name === 'le' || name === 'quantile'
}

function readLabels(text: string): Pair[] {
  return Array.from(text.matchAll(label), (match): Pair => [match[1]!, unescapeValue(match[2]!)])
}

function unescapeValue(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)) : text
}
