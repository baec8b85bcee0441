import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../model/bytes.js'
import { MetadataTable, type MetricMetadata } from '../model/metadata.js'
import { parseTextEntries, parseTextFamilies } from './parse-text.js'
import type { TextMode } from './text-entry.js'

/** `type name "help": series, series` for each family. */
function families(body: string, mode: TextMode): string[] {
  return parseTextFamilies(encodeUtf8(body), { mode }).map((family) => {
    const series = family.samples.map(({ labels }) => labels.get('__name__')).join()
    return `${family.type} ${family.name} ${JSON.stringify(family.help)}: ${series}`
  })
}

describe('families', () => {
  const rows: readonly (readonly [body: string, families: readonly string[], scraped?: readonly string[]])[] = [
    ['', []],
    ['b 1\na 1\nb 2\n', ['unknown b "": b,b', 'unknown a "": a']],
    ['# TYPE a counter\n# HELP b text\n', ['counter a "": ', 'unknown b "text": ']],
    ['# HELP a text\n# TYPE a untyped\na 1\n', ['unknown a "text": a']],
    ['a 1\n# HELP a late\n', ['unknown a "late": a']],
    ['# TYPE "a.b" gauge\n# HELP "a.b" text\n{"a.b"} 1\n', ['gauge a.b "text": a.b']],
    ['# TYPE a_total counter\na_total 1\n', ['counter a_total "": a_total']],
    // The scraper takes a counter with and without its suffix for one family.
    ['# TYPE a counter\na_total 1\n', ['counter a "": ', 'unknown a_total "": a_total'], ['counter a "": a_total']],
    [
      '# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\nh 1\nh_total 1\nh_bucke 1\n',
      ['histogram h "": h_bucket,h_sum,h_count,h', 'unknown h_total "": h_total', 'unknown h_bucke "": h_bucke'],
    ],
    [
      '# TYPE s summary\ns{quantile="1"} 1\ns_sum 1\ns_count 1\ns_bucket 1\n',
      ['summary s "": s,s_sum,s_count', 'unknown s_bucket "": s_bucket'],
    ],
    ['# TYPE g gauge\ng_sum 1\n', ['gauge g "": ', 'unknown g_sum "": g_sum']],
    // What came before its TYPE stays on its own.
    ['h_sum 1\n# TYPE h histogram\nh_sum 2\n', ['unknown h_sum "": h_sum,h_sum', 'histogram h "": ']],
    ['# HELP a two-line\\n doc  str\\\\ing\n', ['unknown a "two-line\\n doc  str\\\\ing": ']],
    // expfmt knows a third escape sequence in HELP; the scraper keeps unknown ones.
    ['# HELP a say \\"hi\\"\n', ['unknown a "say \\"hi\\"": '], ['unknown a "say \\\\\\"hi\\\\\\"": ']],
    // expfmt skips blanks before the text; the scraper keeps all but one.
    ['# HELP a  \ttext \n', ['unknown a "text ": '], ['unknown a " \\ttext ": ']],
    ['# HELP a \n', [], ['unknown a "": ']],
    ['# HELP a_sum x\n# TYPE a histogram\na_sum 1\n', ['unknown a_sum "x": a_sum', 'histogram a "": ']],
    ['# TYPE a histogram\n# HELP a_sum x\na_sum 1\n', ['histogram a "x": a_sum'], ['histogram a "": ', 'unknown a_sum "x": a_sum']],
  ]
  for (const [body, strict, scraped = strict] of rows) {
    test(JSON.stringify(body), () => {
      expect(families(body, 'strict')).toEqual(strict)
      expect(families(body, 'prometheus')).toEqual(scraped)
    })
  }

  test('the scraper goes by the last HELP and TYPE', () => {
    const body = '# TYPE a gauge\n# HELP a one\na 1\n# TYPE a counter\n# HELP a two\na 2\n'
    expect(families(body, 'prometheus')).toEqual(['counter a "two": a,a'])
  })
})

describe('metadata of entries', () => {
  const metadataOf = (body: string, table = new MetadataTable()): MetricMetadata[] => {
    const found: MetricMetadata[] = []
    parseTextEntries(encodeUtf8(body), { mode: 'prometheus', metadata: table }, ({ metadata }) => found.push(metadata))
    return found
  }

  test('is what the page has said up to the line', () => {
    expect(metadataOf('a 1\n# TYPE a gauge\na 2\n# HELP a text\na 3\n')).toEqual([
      { name: 'a', type: 'unknown', help: '', unit: '' },
      { name: 'a', type: 'gauge', help: '', unit: '' },
      { name: 'a', type: 'gauge', help: 'text', unit: '' },
    ])
  })

  test('is one object a family, from scrape to scrape', () => {
    const table = new MetadataTable()
    const body = '# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n'
    const [first, ...others] = [...metadataOf(body, table), ...metadataOf(body, table)]
    expect(others).toHaveLength(5)
    for (const other of others) expect(other).toBe(first)
  })
})

describe('bounds of histograms and summaries', () => {
  const boundsOf = (body: string, mode: TextMode): (string | undefined)[] => {
    const bounds: (string | undefined)[] = []
    parseTextEntries(encodeUtf8(body), { mode }, ({ labels }) => bounds.push(labels.get('le') ?? labels.get('quantile')))
    return bounds
  }
  const rows: readonly (readonly [written: string, normal: string])[] = [
    ['1', '1.0'],
    ['1.0', '1.0'],
    ['01.50', '1.5'],
    ['-0', '0.0'],
    ['0', '0.0'],
    ['1e6', '1e+06'],
    ['1000000', '1e+06'],
    ['100000', '100000.0'],
    ['0.00001', '1e-05'],
    ['inf', '+Inf'],
    ['+Inf', '+Inf'],
    ['-inf', '-Inf'],
    ['nan', 'NaN'],
    ['bla', 'bla'],
    ['1e999', '1e999'],
  ]
  test.each(rows)('the scraper writes %s as %s', (written, normal) => {
    expect(boundsOf(`# TYPE h histogram\nh_bucket{le="${written}"} 1\n`, 'prometheus')).toEqual([normal])
    expect(boundsOf(`# TYPE s summary\ns{a="b",quantile="${written}"} 1\n`, 'prometheus')).toEqual([normal])
  })

  test('strictly, they stay as they are written', () => {
    expect(boundsOf('# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="01.50"} 1\n', 'strict')).toEqual(['1', '01.50'])
  })

  test('only the label of the type is a number', () => {
    expect(
      boundsOf('# TYPE h histogram\nh_bucket{quantile="1"} 1\n# TYPE s summary\ns{le="1"} 1\n# TYPE g gauge\ng{le="1"} 1\n', 'prometheus'),
    ).toEqual(['1', '1', '1'])
  })

  test('the scraper goes by the last TYPE line, not by the family', () => {
    expect(boundsOf('# TYPE h histogram\nother{le="1"} 1\n# TYPE g gauge\nh_bucket{le="1"} 1\n', 'prometheus')).toEqual(['1.0', '1'])
  })
})
