import { encodeUtf8, type MetricFamily, parseTextFamilies } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EscapedFamilies, escapeFamilies } from './escape-families.js'
import { type NameEscaping, nameEscapings } from './name-escaping.js'
import { serializeOpenMetrics } from './serialize-openmetrics.js'
import { serializeText } from './serialize-text.js'

function escapePage(page: string, escaping: NameEscaping): EscapedFamilies {
  return escapeFamilies(parseTextFamilies(encodeUtf8(page), { mode: 'prometheus' }), escaping)
}

const histogram =
  '# TYPE "my.hist" histogram\n{"my.hist_bucket",le="1.0"} 1\n{"my.hist_bucket",le="+Inf"} 2\n{"my.hist_sum"} 3\n{"my.hist_count"} 2\n'
const histogramAs = (name: string): string =>
  `# TYPE ${name} histogram\n${name}_bucket{le="1.0"} 1\n${name}_bucket{le="+Inf"} 2\n${name}_sum 3\n${name}_count 2\n`

describe('escapeFamilies() and serializeText()', () => {
  test.each(nameEscapings)('leave a page of the old alphabet as it is: %s', (escaping) => {
    const page =
      '# TYPE http_request_duration histogram\nhttp_request_duration_bucket{le="+Inf"} 1\nhttp_request_duration_sum 1\n' +
      'http_request_duration_count 1\n# TYPE jobs_total counter\njobs_total{job_name="x"} 1\n# TYPE a:b gauge\na:b 1\n'
    expect(serializeText(escapePage(page, escaping).families)).toBe(page)
  })

  test.each<[escaping: NameEscaping, page: string, written: string]>([
    ['underscores', histogram, histogramAs('my_hist')],
    ['dots', histogram, histogramAs('my_dot_hist')],
    ['values', histogram, histogramAs('U__my_2e_hist')],
    [
      'dots',
      '# TYPE "a.b" summary\n{"a.b",quantile="0.5"} 1\n{"a.b_sum"} 2\n',
      '# TYPE a_dot_b summary\na_dot_b{quantile="0.5"} 1\na_dot_b_sum 2\n',
    ],
    ['dots', '# TYPE "a.b_total" counter\n{"a.b_total"} 1\n', '# TYPE a_dot_b__total counter\na_dot_b__total 1\n'],
    ['dots', '# TYPE "a.b" counter\n{"a.b_total"} 1\n', '# TYPE a_dot_b counter\na_dot_b_total 1\n'],
    ['dots', '# TYPE "a.b_info" gauge\n{"a.b_info",v_x="1"} 1 5\n', '# TYPE a_dot_b__info gauge\na_dot_b__info{v_x="1"} 1 5\n'],
    ['dots', 'a_b{"x.y"="1",x_z="2"} 1\n', '# TYPE a_b untyped\na_b{x_dot_y="1",x_z="2"} 1\n'],
    ['underscores', 'a{"x:y"="1"} 1\n', '# TYPE a untyped\na{x_y="1"} 1\n'],
    ['dots', 'a{"x:y"="1"} 1\n', '# TYPE a untyped\na{x__y="1"} 1\n'],
    ['values', 'a{"x:y"="1"} 1\n', '# TYPE a untyped\na{U__x_3a_y="1"} 1\n'],
    ['allow-utf-8', 'a{"x:y"="1"} 1\n', '# TYPE a untyped\na{"x:y"="1"} 1\n'],
  ])('%s of %j', (escaping, page, written) => {
    const { families, dropped } = escapePage(page, escaping)
    expect(serializeText(families)).toBe(written)
    expect(dropped).toEqual([])
  })
})

describe('escapeFamilies() and serializeOpenMetrics()', () => {
  test.each<[escaping: NameEscaping, page: string, written: string]>([
    ['dots', '# TYPE "my.jobs_total" counter\n{"my.jobs_total"} 1\n', '# TYPE my_dot_jobs_ counter\nmy_dot_jobs__total 1\n'],
    ['values', '# TYPE "my.jobs_total" counter\n{"my.jobs_total"} 1\n', '# TYPE U__my_2e_jobs_ counter\nU__my_2e_jobs__total 1\n'],
    ['underscores', '# TYPE "my.jobs_total" counter\n{"my.jobs_total"} 1\n', '# TYPE my_jobs counter\nmy_jobs_total 1\n'],
    ['dots', '# TYPE "my.jobs" counter\n{"my.jobs_total"} 1\n', '# TYPE my_dot_jobs counter\nmy_dot_jobs_total 1\n'],
    ['values', histogram, histogramAs('U__my_2e_hist')],
    [
      'underscores',
      '# TYPE "a.b" gauge\n{"a.b"} 1\n# TYPE a_b_total counter\na_b_total 1\n',
      '# TYPE a_b gauge\na_b 1\n# TYPE a_b_total unknown\na_b_total 1\n',
    ],
  ])('%s of %j', (escaping, page, written) => {
    expect(serializeOpenMetrics(escapePage(page, escaping).families)).toBe(`${written}# EOF\n`)
  })
})

describe('names that become one', () => {
  test.each<[what: string, page: string, written: string, dropped: string[]]>([
    ['labels of a series', 'x{"a.b"="1",a_b="2"} 1\n', '# TYPE x untyped\nx{a_b="2"} 1\n', ['the label "a.b" of "x"']],
    [
      'labels of a series, neither of the old alphabet',
      'x{"a-b"="1","a.b"="2"} 1\n',
      '# TYPE x untyped\nx{a_b="1"} 1\n',
      ['the label "a.b" of "x"'],
    ],
    ['a label and the name', 'x{"._name__"="1"} 1\n', '# TYPE x untyped\nx 1\n', ['the label "._name__" of "x"']],
    [
      'series: one whose names stay',
      'x{"a.b"="1"} 1\nx{a_b="1"} 2\nx{"a.b"="2"} 3\n',
      '# TYPE x untyped\nx{a_b="1"} 2\nx{a_b="2"} 3\n',
      ['1 sample of "x"'],
    ],
    [
      'series: one that keeps its labels',
      'x{"a.b"="1",a_b="2"} 1\nx{"a.b"="2"} 2\nx{"a.b"="2"} 3 5\n',
      '# TYPE x untyped\nx{a_b="2"} 2\nx{a_b="2"} 3 5\n',
      ['the label "a.b" of "x"', '1 sample of "x"'],
    ],
    [
      'histograms of one family: the whole of one',
      '# TYPE h histogram\nh_bucket{"a.b"="1",le="1"} 1\nh_bucket{"a.b"="1",le="+Inf"} 1\nh_count{"a.b"="1"} 1\n' +
        'h_bucket{a_b="1",le="2"} 2\nh_bucket{a_b="1",le="+Inf"} 2\nh_count{a_b="1"} 2\n',
      '# TYPE h histogram\nh_bucket{a_b="1",le="2.0"} 2\nh_bucket{a_b="1",le="+Inf"} 2\nh_count{a_b="1"} 2\n',
      ['3 samples of "h"'],
    ],
    [
      'gauges by a bound, which are series of their own',
      '# TYPE g gauge\ng{"a.b"="1",le="1"} 1\ng{a_b="1",le="2"} 2\n',
      '# TYPE g gauge\ng{a_b="1",le="1"} 1\ng{a_b="1",le="2"} 2\n',
      [],
    ],
    [
      'families: one whose name stays',
      '# TYPE "a.b" gauge\n{"a.b"} 1\n# TYPE a_b gauge\na_b 2\n',
      '# TYPE a_b gauge\na_b 2\n',
      ['the family "a.b"'],
    ],
    ['families, neither of the old alphabet', '{"a.b"} 1\n{"a-b"} 2\n', '# TYPE a_b untyped\na_b 1\n', ['the family "a-b"']],
    [
      'a family and a series of another',
      '# TYPE "a.b" histogram\n{"a.b_bucket",le="+Inf"} 1\n{"a.b_count"} 1\n# TYPE a_b_count gauge\na_b_count 2\n',
      '# TYPE a_b_count gauge\na_b_count 2\n',
      ['the family "a.b"'],
    ],
    [
      'a family and a series that another may have',
      '# TYPE "a.b" summary\n{"a.b",quantile="1"} 1\n# TYPE a_b_count gauge\na_b_count 2\n',
      '# TYPE a_b_count gauge\na_b_count 2\n',
      ['the family "a.b"'],
    ],
    [
      'a series and another family',
      '# TYPE a_b histogram\na_b_bucket{le="+Inf"} 1\na_b_count 1\n# TYPE "a.b_count" gauge\n{"a.b_count"} 2\n',
      '# TYPE a_b histogram\na_b_bucket{le="+Inf"} 1\na_b_count 1\n',
      ['the family "a.b_count"'],
    ],
  ])('%s', (_what, page, written, dropped) => {
    const escaped = escapePage(page, 'underscores')
    expect(serializeText(escaped.families)).toBe(written)
    expect(escaped.dropped).toEqual(dropped)
  })

  test('a page can be read whatever its names are, and has no series twice', () => {
    const name = fc.constantFrom('a.b', 'a-b', 'a_b', 'a_dot_b', 'a__b', 'a.b_count', 'a_b_count', 'a_b_total', 'a.b_total', 'U__a_2e_b')
    const type = fc.constantFrom('counter', 'gauge', 'histogram', 'summary', 'untyped')
    const label = fc.constantFrom('x.y', 'x-y', 'x:y', 'x_y', 'x_dot_y', 'x__y', 'U__x_2e_y', '._name__')
    const labels = fc.dictionary(label, fc.constantFrom('1', '2'), { maxKeys: 3 })
    const family = fc.record({ name, type, metrics: fc.array(labels, { minLength: 1, maxLength: 4 }) })
    const endings: Readonly<Record<string, readonly string[]>> = {
      histogram: ['_bucket', '_sum', '_count'],
      summary: ['', '_sum', '_count'],
    }
    const page = fc.array(family, { maxLength: 5 }).map((families) =>
      families
        .map((one) => {
          const lines = one.metrics.flatMap((metric) =>
            (endings[one.type] ?? ['']).map((ending) => {
              const pairs = Object.entries(metric).map(([key, value]) => `"${key}"="${value}"`)
              const inner = ending === '_bucket' ? ['le="+Inf"'] : ending === '' && one.type === 'summary' ? ['quantile="0.5"'] : []
              return `{${[`"${one.name}${ending}"`, ...pairs, ...inner].join(',')}} 1\n`
            }),
          )
          return `# TYPE "${one.name}" ${one.type}\n${lines.join('')}`
        })
        .join(''),
    )
    fc.assert(
      fc.property(page, fc.constantFrom('underscores', 'dots', 'values'), (text, escaping) => {
        fc.pre(isSound(text))
        const { families } = escapePage(text, escaping)
        const written = serializeText(families)
        expect(written).not.toMatch(/[{,]"|TYPE "/)
        expect(isSound(written)).toBe(true)
        expect(familiesOf(written)).toEqual(families.map(({ name: one, samples }) => [one, samples.length]))
      }),
      { numRuns: 1_000 },
    )
  })
})

function read(page: string): MetricFamily[] {
  return parseTextFamilies(encodeUtf8(page), { mode: 'strict' })
}

function familiesOf(page: string): [name: string, samples: number][] {
  return read(page).map(({ name, samples }) => [name, samples.length])
}

/** Whether a strict reader takes a page, and no series stands twice in it. */
function isSound(page: string): boolean {
  try {
    const series = read(page).flatMap(({ samples }) => samples.map(({ labels }) => JSON.stringify(labels.toObject())))
    return new Set(series).size === series.length
  } catch {
    return false
  }
}
