import { encodeUtf8, type MetricFamily, parseTextFamilies } from '@promline/core'
import fc from 'fast-check'
import { type OpenMetricsContentType, Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { openMetricsToText } from './openmetrics-to-text.js'
import { serializeOpenMetrics } from './serialize-openmetrics.js'
import { serializeText } from './serialize-text.js'

function read(text: string): MetricFamily[] {
  return parseTextFamilies(encodeUtf8(text), { mode: 'prometheus' })
}

/** Series, values and timestamps, by family. */
function said(text: string): object[] {
  return read(text).map(({ name, type, help, samples }) => ({
    name,
    type,
    help,
    samples: samples.map(({ labels, value, timestampMs }) => ({ labels: labels.toObject(), value, timestampMs })),
  }))
}

describe('serializeOpenMetrics()', () => {
  test.each<[what: string, text: string, openMetrics: string]>([
    ['nothing', '', ''],
    ['a counter', '# HELP a_total A.\n# TYPE a_total counter\na_total{x="1"} 2\n', '# HELP a A.\n# TYPE a counter\na_total{x="1"} 2\n'],
    ['a counter without series', '# TYPE a_total counter\n', '# TYPE a counter\n'],
    ['a counter whose series would change its name', '# TYPE a counter\na 2\n', '# TYPE a unknown\na 2\n'],
    ['a counter below 0', '# TYPE a_total counter\na_total -1\n', '# TYPE a_total unknown\na_total -1\n'],
    ['a counter of NaN', '# TYPE a_total counter\na_total NaN\n', '# TYPE a_total unknown\na_total NaN\n'],
    [
      'a counter beside a family of its name',
      '# TYPE a gauge\na 1\n# TYPE a_total counter\na_total 2\n',
      '# TYPE a gauge\na 1\n# TYPE a_total unknown\na_total 2\n',
    ],
    [
      'a counter beside a family of the name of its beginning',
      '# TYPE a_total counter\na_total 1\n# TYPE a_created gauge\na_created 2\n',
      '# TYPE a_total unknown\na_total 1\n# TYPE a_created gauge\na_created 2\n',
    ],
    [
      'a counter by its base beside a family of the name of its beginning',
      '# TYPE a counter\na_total 1\n# TYPE a_created gauge\na_created 2\n',
      '# TYPE a_total unknown\na_total 1\n# TYPE a_created gauge\na_created 2\n',
    ],
    [
      'a counter of the beginning of another',
      '# TYPE a_total counter\na_total 1\n# TYPE a_created_total counter\na_created_total 2\n',
      '# TYPE a counter\na_total 1\n# TYPE a_created_total unknown\na_created_total 2\n',
    ],
    ...(['bucket', 'count', 'sum', 'created'] as const).map((ending): [string, string, string] => [
      `a counter of the name of a histogram's _${ending}`,
      `# TYPE a_${ending}_total counter\na_${ending}_total 1\n# TYPE a histogram\na_bucket{le="+Inf"} 1\n`,
      `# TYPE a_${ending}_total unknown\na_${ending}_total 1\n# TYPE a histogram\na_bucket{le="+Inf"} 1\n`,
    ]),
    [
      "a counter by its base, of the name of a summary's _count",
      '# TYPE a summary\na_sum 1\n# TYPE a_count counter\na_count_total 1\n',
      '# TYPE a summary\na_sum 1\n# TYPE a_count_total unknown\na_count_total 1\n',
    ],
    [
      'counters that are only like series of a summary and a gauge',
      '# TYPE a summary\na_sum 1\n# TYPE a_bucket_total counter\na_bucket_total 1\n# TYPE b gauge\n# TYPE b_sum_total counter\n',
      '# TYPE a summary\na_sum 1\n# TYPE a_bucket counter\na_bucket_total 1\n# TYPE b gauge\n# TYPE b_sum counter\n',
    ],
    ['a counter that is called _total', '# TYPE _total counter\n_total 1\n', '# TYPE _total unknown\n_total 1\n'],
    ['an untyped one', 'a 1\n', '# TYPE a unknown\na 1\n'],
    ['a gauge', '# TYPE a gauge\na -Inf\n', '# TYPE a gauge\na -Inf\n'],
    ['help with all that is escaped', '# HELP a \\\\ \\n "\n# TYPE a gauge\n', '# HELP a \\\\ \\n \\"\n# TYPE a gauge\n'],
    ['label values with all that is escaped', 'a{x="\\\\ \\n \\""} 1\n', '# TYPE a unknown\na{x="\\\\ \\n \\""} 1\n'],
    ['a timestamp', 'a 1 1700000000123\na{x="1"} 1 5\n', '# TYPE a unknown\na 1 1700000000.123\na{x="1"} 1 0.005\n'],
    [
      'a histogram listed by series',
      '# TYPE a histogram\na_bucket{le="1",x="1"} 1\na_bucket{le="+Inf",x="1"} 2\na_bucket{le="1",x="2"} 3\na_bucket{le="+Inf",x="2"} 4\n' +
        'a_sum{x="1"} 5\na_sum{x="2"} 6\na_count{x="1"} 2\na_count{x="2"} 4\n',
      '# TYPE a histogram\na_bucket{x="1",le="1.0"} 1\na_bucket{x="1",le="+Inf"} 2\na_sum{x="1"} 5\na_count{x="1"} 2\n' +
        'a_bucket{x="2",le="1.0"} 3\na_bucket{x="2",le="+Inf"} 4\na_sum{x="2"} 6\na_count{x="2"} 4\n',
    ],
    [
      'a summary',
      '# TYPE a summary\na{quantile="0.5"} 1e7\na_sum 3\na_count 2\n',
      '# TYPE a summary\na{quantile="0.5"} 1e+07\na_sum 3\na_count 2\n',
    ],
    [
      'samples of two families in turn',
      'a{x="1"} 1\nb 1\na{x="2"} 1\n',
      '# TYPE a unknown\na{x="1"} 1\na{x="2"} 1\n# TYPE b unknown\nb 1\n',
    ],
  ])('%s', (_what, text, openMetrics) => {
    expect(serializeOpenMetrics(read(text))).toBe(`${openMetrics}# EOF\n`)
  })

  test('names in quotes', () => {
    const families = read('# TYPE "a.b_total" counter\n{"a.b_total","c.d"="1",e="2"} 1\n')
    expect(serializeOpenMetrics(families)).toBe('# TYPE "a.b" counter\n{"a.b_total","c.d"="1",e="2"} 1\n# EOF\n')
  })
})

describe('serializeText()', () => {
  test.each<[text: string, written: string]>([
    ['# HELP a \\\\ \\n "\n# TYPE a gauge\na{x="\\\\ \\n \\""} 1 5\n', '# HELP a \\\\ \\n "\n# TYPE a gauge\na{x="\\\\ \\n \\""} 1 5\n'],
    ['a 1\n', '# TYPE a untyped\na 1\n'],
    ['# TYPE "a.b" gauge\n{"a.b"} 1\n', '# TYPE "a.b" gauge\n{"a.b"} 1\n'],
  ])('%j', (text, written) => {
    expect(serializeText(read(text))).toBe(written)
  })
})

describe('openMetricsToText()', () => {
  test.each<[what: string, openMetrics: string, text: string]>([
    ['nothing', '', ''],
    [
      'a counter',
      '# HELP a A "b" \\"c\\" \\\\.\n# TYPE a counter\na_total 1\n',
      '# HELP a_total A "b" "c" \\\\.\n# TYPE a_total counter\na_total 1\n',
    ],
    ['a unit', '# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n', '# TYPE a_seconds gauge\na_seconds 1\n'],
    ['an info', '# TYPE a info\n# HELP a A.\na_info{v="1"} 1\n', '# TYPE a_info gauge\n# HELP a_info A.\na_info{v="1"} 1\n'],
    ['a stateset', '# TYPE a stateset\na{a="x"} 1\n', '# TYPE a gauge\na{a="x"} 1\n'],
    ['an unknown', '# TYPE a unknown\na 1\n', '# TYPE a untyped\na 1\n'],
    [
      'a gauge histogram',
      '# TYPE a gaugehistogram\na_bucket{le="+Inf"} 1\na_gcount 1\n',
      '# TYPE a untyped\na_bucket{le="+Inf"} 1\na_gcount 1\n',
    ],
    ['timestamps', '# TYPE a gauge\na 1 1700000000.123\na{x="} 1"} 2 5\n', '# TYPE a gauge\na 1 1700000000123\na{x="} 1"} 2 5000\n'],
    [
      'exemplars',
      '# TYPE a counter\na_total{x=" # {"} 1 # {trace="\\"}"} 0.5 1.5\na_total{x="2"} 1 2 # {} 1\n',
      '# TYPE a_total counter\na_total{x=" # {"} 1\na_total{x="2"} 1 2000\n',
    ],
    [
      'times of creation, behind the rest',
      '# TYPE a counter\na_total 1\na_created 5\na_total{x="1"} 1\na_created{x="1"} 5\n# TYPE b_created gauge\nb_created 1\n',
      '# TYPE a_total counter\na_total 1\na_total{x="1"} 1\n# TYPE b_created gauge\nb_created 1\na_created 5\na_created{x="1"} 5\n',
    ],
    ['names in quotes', '# TYPE "a.b" counter\n{"a.b_total",x="1"} 1\n', '# TYPE "a.b_total" counter\n{"a.b_total",x="1"} 1\n'],
    [
      'names in quotes with blanks and quotes',
      '# HELP "a \\"b" A.\n# TYPE "a \\"b" counter\n{"a \\"b_total"} 1\n{"a \\"b_created"} 2\n',
      '# HELP "a \\"b_total" A.\n# TYPE "a \\"b_total" counter\n{"a \\"b_total"} 1\n{"a \\"b_created"} 2\n',
    ],
    ['what is no sample', 'nonsense\n', 'nonsense\n'],
  ])('%s', (_what, openMetrics, text) => {
    expect(openMetricsToText(`${openMetrics}# EOF\n`)).toBe(text)
  })
})

describe('there and back', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 })
  const name = fc.stringMatching(/^[a-z][a-z_]{0,5}$/)
  const family = fc.record({
    name,
    help: text,
    type: fc.constantFrom('counter', 'gauge', 'untyped', 'histogram', 'summary'),
    samples: fc.array(fc.record({ label: text, value: fc.double(), timestampMs: fc.option(fc.nat(), { nil: undefined }) }), {
      maxLength: 4,
    }),
  })

  test('a page says the same: families, help, series, values and times', () => {
    fc.assert(
      fc.property(fc.uniqueArray(family, { selector: (one) => one.name, maxLength: 5 }), (families) => {
        const page = families
          .map(({ help, type, samples, ...one }) => {
            const shown = type === 'counter' ? `${one.name}_total` : one.name
            const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
            const lines = samples.map(
              ({ label, value, timestampMs }, i) =>
                `${shown}{i="${i}",x="${escaped(label).replaceAll('"', '\\"')}"} ${value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : value} ${timestampMs ?? ''}`,
            )
            return `# HELP ${shown} ${escaped(help)}\n# TYPE ${shown} ${type}\n${lines.map((line) => `${line.trim()}\n`).join('')}`
          })
          .join('')
        const untyped = (written: string): object[] => said(written).map((one) => ({ ...one, type: undefined }))
        const openMetrics = serializeOpenMetrics(read(page))
        expect(untyped(openMetricsToText(openMetrics))).toEqual(untyped(page))
        expect(untyped(serializeText(read(page)))).toEqual(untyped(page))
      }),
    )
  })

  test("prom-client's OpenMetrics is its text when it is translated, and the other way round", async () => {
    const fill = (registry: Registry<OpenMetricsContentType> | Registry): void => {
      const registers = [registry as Registry]
      new Counter({ name: 'a_total', help: 'A "quoted" help.', labelNames: ['x'], registers }).inc({ x: '1' }, 2_000_000)
      new Gauge({ name: 'b', help: 'B', registers }).set(-1.5)
      new Histogram({ name: 'c', help: 'C', labelNames: ['x'], buckets: [0.5, 1], registers }).observe({ x: '"' }, 0.7)
      new Summary({ name: 'd', help: 'D', registers }).observe(3)
    }
    const text = new Registry()
    const openMetrics = new Registry<OpenMetricsContentType>()
    openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    fill(text)
    fill(openMetrics)
    expect(said(openMetricsToText(await openMetrics.metrics()))).toEqual(said(await text.metrics()))
    const translated = serializeOpenMetrics(read(await text.metrics()))
    expect(said(openMetricsToText(translated))).toEqual(said(await text.metrics()))
  })
})
