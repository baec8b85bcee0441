import { encodeUtf8, parseTextFamilies } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { serializeOpenMetrics } from './serialize-openmetrics.js'
import { textToOpenMetrics } from './text-to-openmetrics.js'

/** The plain twin: by the parser. */
function parsed(page: string): string {
  return serializeOpenMetrics(parseTextFamilies(encodeUtf8(page), { mode: 'prometheus' }))
}

describe('textToOpenMetrics()', () => {
  test.each<[what: string, page: string]>([
    ['nothing', ''],
    ['a counter', '# HELP a_total A "b" \\\\ \\n.\n# TYPE a_total counter\na_total{x="1"} 2\n'],
    ['a counter by its base', '# TYPE a counter\na_total 2\n'],
    ['a counter without _total', '# TYPE a counter\na 2\n'],
    ['a counter below 0', '# TYPE a_total counter\na_total -1\n'],
    ['a counter of NaN', '# TYPE a_total counter\na_total NaN\n'],
    ['a counter beside a family of its name', '# TYPE a gauge\na 1\n# TYPE a_total counter\na_total 2\n'],
    ['a counter beside a family of the name of its series', '# TYPE a counter\na_total 1\n# TYPE a_total gauge\na_total{x="1"} 2\n'],
    ['a counter beside a family of the name of its beginning', '# TYPE a_total counter\na_total 1\n# TYPE a_created gauge\na_created 2\n'],
    [
      'a counter by its base beside a family of the name of its beginning',
      '# TYPE a counter\na_total 1\n# TYPE a_created gauge\na_created 2\n',
    ],
    ['a counter of the beginning of another', '# TYPE a_total counter\na_total 1\n# TYPE a_created_total counter\na_created_total 2\n'],
    ["a counter of the name of a histogram's _count", '# TYPE a histogram\na_count 1\n# TYPE a_count_total counter\na_count_total 1\n'],
    ["a counter of the name of a summary's _sum", '# TYPE a_sum_total counter\na_sum_total 1\n# TYPE a summary\na_count 1\n'],
    ['a counter that is called _total', '# TYPE _total counter\n_total 1\n'],
    ['untyped ones', 'a 1\n# TYPE b untyped\nb{x="a,le=",y="}"} 1\n'],
    ['comments and blank lines', '# A comment.\n#\n\na 1\n\n'],
    ['a timestamp', 'a 1 1700000000123\na{x="1"} 1 5\n'],
    ['escapes', 'a{x="\\\\ \\n \\""} 1\n'],
    [
      'a histogram listed by series',
      '# TYPE a histogram\na_bucket{x="1",le="1"} 1\na_bucket{x="1",le="+Inf"} 2\na_bucket{x="2",le="1"} 3\na_bucket{x="2",le="+Inf"} 4\n' +
        'a_sum{x="1"} 5\na_sum{x="2"} 6\na_count{x="1"} 2\na_count{x="2"} 4\n',
    ],
    ['a histogram without labels', '# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 2\na_sum 5\na_count 2\n'],
    ['a summary', '# TYPE a summary\na{x="1",quantile="1"} 7\na_sum{x="1"} 3\na_count{x="1"} 2\n'],
    ['families in turn', 'a{x="1"} 1\nb 1\na{x="2"} 1\n'],
    ['a series that is like one of a histogram', '# TYPE a gauge\na 1\na_sum 1\n# TYPE b histogram\nb_sum 1\nb_total 1\n'],
    ['a type behind a series that was like one of its', 'a_sum 1\n# TYPE a summary\na_count 1\na_sum{x="1"} 1\n'],
  ])('%s: as by the parser', (_what, page) => {
    expect(textToOpenMetrics(page)).toBe(parsed(page))
  })

  test('puts the metrics of a histogram together wherever `le` stands, and normalises it', () => {
    const page = '# TYPE a histogram\na_bucket{le="1",x="1",y="2"} 1\na_bucket{x="1",le="1e1",y="2"} 1\na_bucket{x="1",y="2",le="+Inf"} 2\n'
    expect(textToOpenMetrics(`${page}a_sum{x="2",y="2"} 0\na_sum{x="1",y="2"} 5\n`)).toBe(
      '# TYPE a histogram\na_bucket{le="1.0",x="1",y="2"} 1\na_bucket{x="1",le="10.0",y="2"} 1\na_bucket{x="1",y="2",le="+Inf"} 2\n' +
        'a_sum{x="1",y="2"} 5\na_sum{x="2",y="2"} 0\n# EOF\n',
    )
  })

  test.each([
    '{"a.b"} 1\n',
    '# TYPE "a.b" gauge\n',
    'a{"x.y"="1"} 1\n',
    'a  1\n',
    ' a 1\n',
    'a\t1\n',
    'a { x="1"} 1\n',
    'a{x="1",} 1\n',
    'a{x="\\q"} 1\n',
    'a 1 \n',
    'a one\n',
    'a\n',
    '# HELP a \\q\n',
    '# HELP a\n',
    '#  TYPE a gauge\n',
    '# TYPE a info\n',
    'a 1\n# TYPE a gauge\n',
    'a 1 -5\n',
    'a 1 9223372036854775808\n',
  ])('leaves %j to the parser', (page) => {
    expect(textToOpenMetrics(page)).toBeUndefined()
  })

  test('every page of the usual form: as by the parser, to the byte', () => {
    const name = fc.constantFrom(
      'a',
      'b',
      'a_total',
      'a_sum',
      'a_count',
      'a_bucket',
      'b_total',
      'b_sum',
      'a_count_total',
      'a_created_total',
    )
    const label = fc.constantFrom('', '{x="1"}', '{x="2"}', '{x="\\\\,\\"}"}', '{le="1.0"}', '{x="1",le="+Inf"}', '{quantile="0.5"}')
    const value = fc.constantFrom('0', '1', '-1', 'NaN', '+Inf', '2.5e+06')
    const sample = fc.tuple(name, label, value, fc.constantFrom('', ' 1500')).map(([a, b, c, d]) => `${a}${b} ${c}${d}`)
    const type = fc.tuple(name, fc.constantFrom('counter', 'gauge', 'histogram', 'summary', 'untyped')).map(([a, b]) => `# TYPE ${a} ${b}`)
    const line = fc.oneof(
      sample,
      type,
      name.map((one) => `# HELP ${one} Help of ${one} "quoted".`),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const pageOf = (some: readonly string[]): string => some.map((one) => `${one}\n`).join('')
        const page = pageOf(lines)
        const translated = textToOpenMetrics(page)
        if (translated !== undefined) expect(translated).toBe(parsed(page))
        // A type behind its samples is the one thing here that it does not do: with all types in front it does every page.
        const [comments, samples] = [lines.filter((one) => one.startsWith('#')), lines.filter((one) => !one.startsWith('#'))]
        const sorted = pageOf([...comments, ...samples])
        expect(textToOpenMetrics(sorted)).toBe(parsed(sorted))
      }),
      { numRuns: 1_000 },
    )
  })
})
