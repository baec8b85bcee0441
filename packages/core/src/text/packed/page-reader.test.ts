import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { ParseError } from '../parse-error.js'
import { parseLine } from '../parse-line.js'
import { parseTextEntries, parseTextFamilies } from '../parse-text.js'
import { createParserState } from '../parser-state.js'
import { bytesOf } from '../testdata/describe-entries.js'
import { hasFixtures, readFixture, withFixtures } from '../testdata/fixtures.js'
import { mutate, mutations, seed } from '../testdata/mutated-page.js'
import type { TextEntry, TextMode } from '../text-entry.js'
import { PackedEntry } from './packed-entry.js'

const modes = ['strict', 'prometheus'] as const

/** Everything that an entry has. */
function describeEntry(entry: TextEntry): unknown {
  const { labels, metadata, value, timestampMs, line } = entry
  // In this order: an object of labels that are packed is made in another way.
  const object = Object.entries(labels.toObject())
  return { object, bytes: Buffer.from(labels.bytes).toString('latin1'), emptyLabels: entry.emptyLabels, metadata, value, timestampMs, line }
}

/** What a way of reading hands on, and how it ends. */
function outcomeOf(read: (onEntry: (entry: TextEntry) => void) => void): unknown {
  const entries: TextEntry[] = []
  let message: string | undefined
  try {
    read((entry) => entries.push(entry))
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    message = error.message
  }
  // Looked at when all is read: an entry does not depend on what came after it.
  return { entries: entries.map(describeEntry), message }
}

/** Line by line, with the plain parser. */
function plainly(body: Uint8Array, mode: TextMode): unknown {
  return outcomeOf((onEntry) => {
    const state = createParserState(body, { mode })
    while (state.cursor.at < state.cursor.end) parseLine(state, onEntry)
  })
}

function expectSame(body: Uint8Array): void {
  for (const mode of modes) expect(outcomeOf((onEntry) => parseTextEntries(body, { mode }, onEntry))).toEqual(plainly(body, mode))
}

test.each([
  ['nothing', ''],
  ['no line feed at the end', 'a 1'],
  ['a comment without one', 'a 1\n# TYPE a gauge'],
  ['a comment that is cut', 'a 1\n# TYP'],
  ['what only looks like a comment', '# HELP\n# TYPE\n#TYPE a counter\n# HELPa b\n# EOF\na 1\n'],
  ['help without text', '# HELP a\n# HELP a \n# HELP a  b\n# HELP a\tb\na 1\n'],
  ['help with what is escaped', '# HELP a b\\nc\\\\d\na 1\n'],
  ['help with what is not ASCII', '# HELP a żółć \u{1f600}\ttab \0 \r\na 1\n'],
  ['help that changes', 'a 1\n# HELP a b\na 2\n# HELP a c\na 3\n'],
  ['a type that changes', '# TYPE h histogram\nh_bucket{le="1"} 2\n# TYPE h summary\nh_bucket{le="1"} 2\nh{quantile="1"} 2\n'],
  ['a type that does not exist', '# TYPE a bla\n'],
  ['a name of a histogram that is a family', '# TYPE h histogram\nh_sum 1\n# TYPE h_sum gauge\nh_sum 2\nh_count 1\n'],
  ['a counter with its suffix', '# TYPE a counter\na_total 1\na 2\n'],
  ['empty labels', 'a{z="",b="c",a=""} 1\na{z="",b="d",a=""} 1\na{z="",b="",a=""} 1\na{z="1",b="",a=""} 1\n'],
  ['other labels by turns', 'a{b="1",c="2"} 1\na{b="1"} 2\na{b="1",c="2",d="3"} 3\na{c="1",b="2"} 4\na{B="1",_="2",z="3"} 5\na{z="1"} 6\n'],
  ['a label that comes twice, where another was', 'a{b="1",c="2",d="3"} 1\na{b="1",c="2",b="3"} 1\n'],
  ['a label that is reserved', 'a{b="1"} 1\na{__name__="1"} 1\n'],
  ['a label without a value behind', 'a{b="1",c="2"} 1\na{b="1",c} 1\n'],
  ['more labels than usual', `a{${Array.from({ length: 33 }, (_, i) => `b${i}="c"`).join()}} 1\na{b="c"} 2\n`],
  ['longer labels than usual', `a{b="c"} 1\na{b="${'x'.repeat(8200)}"} 2\na{b="${'x'.repeat(8100)}"} 2\n`],
  ['more than is copied at once', `# HELP a ${'x'.repeat(20_000)}\n${'a{b="c"} 1\n# HELP a d\n'.repeat(3000)}`],
  ['many families', Array.from({ length: 300 }, (_, i) => `# HELP a${i} b\n# TYPE a${i} gauge\na${i} ${i}\n`).join('')],
  ['a family that comes again', '# HELP a b\na 1\n# HELP c d\nc 1\n# TYPE a gauge\na 1\nc 1\n'],
  [
    'bounds that are normalised, and none',
    '# TYPE h histogram\nh_bucket{le="1",z="",a="b"} 1\nh_bucket{le="2.50",z="",a="b"} 1\nh_bucket{le="inf",z="",a="b"} 1\nh_sum{le="1"} 2\n' +
      '# TYPE s summary\ns{quantile="1"} 1\ns{quantile="0.50",le="1"} 1\ns_sum 1\n# TYPE g gauge\ng{le="1",quantile="1"} 1\n',
  ],
  [
    'what only seems a series of the family before',
    '# TYPE h histogram\nh_bucke 1\nh_bucket_ 1\nh_total 1\nh_sum 1\n# TYPE h_sum counter\nh_sum_total 1\nh_count 1\n',
  ],
  ['timestamps', 'a 1 1700000000000\na 1 0\na 1 999999999999999\na 1 9007199254740991\na 1\t5\na 1  5\n'],
  ['a timestamp with a sign', 'a 1 -5\n'],
  ['a blank at the end', 'a 1 \n'],
  ['a carriage return', 'a 1\r\n'],
  ['a value that no double holds', 'a 1\na 1e999\n'],
  ['no number', 'a{b="c"} 1\na{b="c"} x\n'],
  ['values of all kinds', 'a 1\na -0\na +1.5e-3\na NaN\na -Inf\na .5\na 12345678901234567890\na 0.1234567890123456789\n'],
  ['a quoted name between others', 'a{b="c"} 1\n{"x.y",b="c"} 2\na{b="c"} 3\n'],
  ['escapes between others', 'a{b="c"} 1\na{b="\\\\\\"\\n"} 2\na{b="c"} 3\n'],
  ['a line feed in a value', 'a{b="c\nd"} 1\na 2\nb x\n'],
  ['a byte order mark', '\uFEFFa 1\n'],
  ['bounds without a value', '# TYPE h histogram\nh_bucket{le=""} 1\n'],
  ['bounds that are none', '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="x"} 1\n'],
  ['a negative count', '# TYPE h histogram\nh_sum -1\nh_count -1\n'],
])('%s', (_, text) => {
  expectSame(encodeUtf8(text))
})

test('mutated pages', () => {
  fc.assert(
    fc.property(mutations, (steps) => {
      expectSame(mutate(seed, steps))
    }),
    { seed: 1, numRuns: 5_000 },
  )
})

describe.skipIf(!hasFixtures)(withFixtures('real pages'), () => {
  test.each([
    'prometheus-common-expfmt/testdata/text',
    'prometheus-textparse/alltypes.237mfs.prom.txt',
    'prometheus-textparse/alltypes.237mfs.nometa.prom.txt',
    'prometheus-promtool/metrics-test.prom',
    'captured/nats-2.15.2/exporter-prefix-nats.metrics.txt',
  ])('%s, and with damage', (path) => {
    const body = readFixture(path)
    expectSame(body)
    // A page ends at its first error, so each has one place that is damaged.
    fc.assert(
      fc.property(mutations, (steps) => {
        expectSame(mutate(body, steps.slice(0, 1)))
      }),
      { seed: 2, numRuns: 20 },
    )
  })
})

test.skipIf(!hasFixtures)(withFixtures('lines as exporters write them are not left to the plain parser'), () => {
  for (const mode of modes) {
    const isPacked: boolean[] = []
    parseTextEntries(readFixture('prometheus-common-expfmt/testdata/text'), { mode }, (entry) =>
      isPacked.push(entry instanceof PackedEntry),
    )
    // Strictly, it is looked at the bounds of histograms and summaries.
    expect(isPacked.filter(Boolean).length).toBe(mode === 'strict' ? 116 : 248)
  }
})

test('what is kept does not depend on the body, nor on the page that is read next', () => {
  const body = encodeUtf8('# HELP a Some help.\na{b="c"} 1\n')
  const kept: TextEntry[] = []
  parseTextEntries(body, { mode: 'prometheus' }, (entry) => kept.push(entry))
  body.fill(0x78)
  parseTextEntries(encodeUtf8('# HELP d Other help.\nd{e="f"} 2\n'), { mode: 'prometheus' }, (entry) => kept.push(entry))
  expect(kept.map(({ labels, metadata }) => [labels.toObject(), metadata.help])).toEqual([
    [{ __name__: 'a', b: 'c' }, 'Some help.'],
    [{ __name__: 'd', e: 'f' }, 'Other help.'],
  ])
  // A set of labels keeps some others in memory, but no page.
  expect(kept[0]!.labels.bytes.buffer.byteLength).toBeLessThanOrEqual(16_384)
})

test('a page may be read while another is', () => {
  const seen: string[] = []
  const body = bytesOf('a{b="c"} 1\na{b="d"} 2\n')
  parseTextEntries(body, { mode: 'prometheus' }, (outer) => {
    for (const { samples } of parseTextFamilies(bytesOf('x{b="y"} 1\nz 2\n'), { mode: 'prometheus' })) {
      for (const { labels } of samples) seen.push(`${outer.labels.get('b')} ${labels.get('__name__')}`)
    }
  })
  expect(seen).toEqual(['c x', 'c z', 'd x', 'd z'])
})

test('a page can be read after one that failed', () => {
  const fail = (): void => parseTextEntries(bytesOf('# TYPE a histogram\na 1\n?'), { mode: 'prometheus' }, () => {})
  expect(fail).toThrow('3:1: expected a metric name, "{", "#" or an empty line, found "?"')
  const seen: unknown[] = []
  parseTextEntries(bytesOf('a{le="1"} 1\n'), { mode: 'prometheus' }, ({ labels, metadata }) => seen.push(labels.get('le'), metadata.type))
  expect(seen).toEqual(['1', 'unknown'])
})
