import { readdirSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseGoFloat } from '../model/go-float.js'
import type { MetricFamily } from './metric-family.js'
import { parseTextFamilies } from './parse-text.js'
import { describeEntries } from './testdata/describe-entries.js'
import { fixturePath, hasFixtures, readFixture, withFixtures } from './testdata/fixtures.js'
import type { TextMode } from './text-entry.js'

const corpus = 'prometheus-common-expfmt/fuzz/corpus'

/** What expfmt refuses: our message, and why the scraper takes it, if it does (protocol.md 5.3). */
const refused: Readonly<Record<string, readonly [message: string, scraperTakes?: string]>> = {
  from_test_parse_error_0: ['1:9: expected a line feed at the end of the last line, found the end of the body', 'no final line feed'],
  from_test_parse_error_1: ['1:15: expected one of the escape sequences \\\\, \\" and \\n, found "\\\\t"', 'unknown escape sequence'],
  from_test_parse_error_2: ['2:14: double quote is not closed, found the end of the line', 'line feed in a label value'],
  from_test_parse_error_3: ['1:8: expected a label name or "}", found "@=\\"bla\\"}"'],
  from_test_parse_error_4: ['1:8: label name "__name__" is reserved'],
  from_test_parse_error_5: ['1:13: expected "=" after label name "label", found "+=\\"bla\\"}"'],
  from_test_parse_error_6: ['1:14: expected a value in double quotes for label "label", found "bla}"'],
  from_test_parse_error_7: [
    '3:8: expected a number as value of label "quantile" of summary "metric", found "bla"',
    'quantile that is no number',
  ],
  from_test_parse_error_8: ['1:19: expected "," or "}" after a label, found "+}"'],
  from_test_parse_error_9: ['1:26: expected an integer timestamp in milliseconds, found "2.72"'],
  from_test_parse_error_10: ['1:28: expected the end of the line after the timestamp, found "3"'],
  from_test_parse_error_11: ['1:21: expected a number as value, found "blubb"'],
  from_test_parse_error_12: ['3:8: second HELP for metric "metric"', 'second HELP'],
  from_test_parse_error_13: ['3:8: second TYPE for metric "metric"', 'second TYPE'],
  from_test_parse_error_14: ['3:8: TYPE for metric "metric" after its samples', 'TYPE after samples'],
  from_test_parse_error_15: ['2:15: expected a type (counter, gauge, histogram, summary or untyped), found "bla"'],
  from_test_parse_error_16: ['2:11: expected a blank after metric name "met", found "-ric"'],
  from_test_parse_error_17: ['1:1: expected a metric name, "{", "#" or an empty line, found "@invalidmetric{label=\\"bla\\"}"'],
  from_test_parse_error_18: ['1:1: expected a metric name before the braces, or in quotes inside them, found none'],
  from_test_parse_error_19: ['3:15: expected a number as value of label "le" of histogram "metric", found "bla"', 'le that is no number'],
}

/** The other way round: blanks before a name, and HELP without one. */
const scraperRefuses = ['from_test_parse_3']

describe.skipIf(!hasFixtures)(withFixtures("expfmt's corpus"), () => {
  const files = hasFixtures ? readdirSync(fixturePath(corpus)) : []
  test.each(files)('%s, strictly', (file) => {
    const result = describeEntries(readFixture(`${corpus}/${file}`), 'strict')
    expect(typeof result === 'string').toBe(file.includes('error'))
    if (typeof result === 'string') expect(result).toBe(refused[file]?.[0])
  })
  test.each(files)('%s, as the scraper reads it', (file) => {
    const result = describeEntries(readFixture(`${corpus}/${file}`), 'prometheus')
    const isRefused = scraperRefuses.includes(file) || (file in refused && refused[file]?.[1] === undefined)
    expect(typeof result === 'string').toBe(isRefused)
  })
})

interface OracleFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly { readonly name: string; readonly labels: Record<string, string>; readonly value: string }[]
}

/** As the oracle writes it: counters without `_total`. */
function toOracle(family: MetricFamily): OracleFamily {
  const samples = family.samples.map(({ labels, value }) => {
    const { __name__: name = '', ...others } = labels.toObject()
    return { name, labels: others, value: String(value) }
  })
  return {
    name: family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name,
    type: family.type,
    help: family.help,
    samples,
  }
}

describe.skipIf(!hasFixtures)(withFixtures('real bodies'), () => {
  const text = 'prometheus-common-expfmt/testdata/text'

  test.each(['strict', 'prometheus'] as const)('expfmt/testdata/text, %s: every family and value as client_python reads them', (mode) => {
    const expected: readonly OracleFamily[] = JSON.parse(Buffer.from(readFixture('oracle/expfmt/text.json')).toString())
    const normal = expected.map(({ name, type, help, samples }) => ({
      name,
      type,
      help,
      samples: samples.map((sample) => ({ name: sample.name, labels: sample.labels, value: String(parseGoFloat(sample.value)) })),
    }))
    const found = parseTextFamilies(readFixture(text), { mode }).map(toOracle)
    // The scraper's form of quantiles is tested elsewhere; here only what both modes share is compared.
    const bounds = (families: readonly OracleFamily[]): string =>
      JSON.stringify(families).replaceAll(/"(le|quantile)":"([^"]*)"/g, (_, name, bound) => `"${name}":"${parseGoFloat(bound)}"`)
    expect(JSON.parse(bounds(found))).toEqual(JSON.parse(bounds(normal)))
  })

  test('expfmt/testdata/text.gz is the same body', () => {
    expect(gunzipSync(readFixture(`${text}.gz`)).equals(readFixture(text))).toBe(true)
  })

  const bodies: readonly (readonly [path: string, families: number, samples: number])[] = [
    [text, 37, 248],
    ['prometheus-textparse/alltypes.237mfs.prom.txt', 237, 1857],
    ['prometheus-textparse/alltypes.237mfs.nometa.prom.txt', 291, 1857],
    ['prometheus-promtool/metrics-test.prom', 4, 27],
    ['captured/nats-2.15.2/exporter-prefix-nats.metrics.txt', 168, 260],
    ['captured/nats-2.15.2/exporter-default-prefix.metrics.txt', 148, 182],
  ]
  const modes: readonly TextMode[] = ['strict', 'prometheus']
  test.each(bodies.flatMap((body) => modes.map((mode) => [...body, mode] as const)))(
    '%s: %i families, %i samples, %s',
    (path, count, samples, mode) => {
      const families = parseTextFamilies(readFixture(path), { mode })
      expect(families.length).toBe(count)
      expect(families.reduce((sum, family) => sum + family.samples.length, 0)).toBe(samples)
    },
  )
})
