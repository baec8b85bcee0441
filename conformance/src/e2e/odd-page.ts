import { seriesKey } from './exposition.js'

/** Label values that have been trouble somewhere, beside the plain one. */
const oddValues: readonly string[] = [
  'plain',
  ' blanks at both ends ',
  'back\\slash',
  'quote " in it',
  'two\nlines',
  'tab\tand \r return',
  'a,b={c}#d',
  'ends in a backslash\\',
  '\u00fc\u00f1\u6f22\u{1f680}',
  'nul \u0000 in it',
  '__proto__',
  'x'.repeat(2_000),
]

/** Values as a page has them, and what they are. */
const oddNumbers: readonly (readonly [text: string, value: number])[] = [
  ['0', 0],
  ['-0', -0],
  ['1', 1],
  ['-1.5', -1.5],
  ['.5', 0.5],
  ['0.1', 0.1],
  ['1e308', 1e308],
  ['4.9e-324', 5e-324],
  ['9007199254740993', 9007199254740992],
  ['1.7976931348623157e+308', Number.MAX_VALUE],
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]

/** A page of a text exposition, and what is on it. */
export interface KnownPage {
  readonly text: string
  /** Keys are made with the labels that a scrape adds. */
  valuesWith(labels: Readonly<Record<string, string>>): ReadonlyMap<string, number>
}

/** @param tick the value of `tick_total`, which tells pages from each other */
export function oddPage(tick: number, options: { readonly withGoing?: boolean } = {}): KnownPage {
  const samples: [name: string, labels: Record<string, string>, text: string, value: number][] = [
    ['tick_total', {}, String(tick), tick],
    ...oddValues.map((text, i): [string, Record<string, string>, string, number] => ['odd_labels', { v: text }, String(i), i]),
    ...oddNumbers.map(([text, value], i): [string, Record<string, string>, string, number] => ['odd_numbers', { n: `${i}` }, text, value]),
    ['latency_seconds_bucket', { le: '0.5' }, '3', 3],
    ['latency_seconds_bucket', { le: '+Inf' }, '4', 4],
    ['latency_seconds_sum', {}, '2.5', 2.5],
    ['latency_seconds_count', {}, '4', 4],
    ...(options.withGoing === false ? [] : [['going', { stays: 'no' }, '7', 7] satisfies [string, Record<string, string>, string, number]]),
  ]
  const types = '# TYPE tick_total counter\n# TYPE latency_seconds histogram\n'
  const lines = samples.map(([name, labels, text]) => `${name}${labelText(labels)} ${text}\n`)
  return {
    text: types + lines.join(''),
    valuesWith: (more) => new Map(samples.map(([name, labels, , value]) => [seriesKey(name, { ...labels, ...more }), value])),
  }
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
