import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { createLabels, emptyLabels, type Labels, labelsFromBytes } from '../../model/labels.js'
import { LabelsBuilder } from '../../model/labels-builder.js'
import type { MetricType } from '../../model/metadata.js'
import { ParseError } from '../parse-error.js'
import { parseTextEntries } from '../parse-text.js'
import { bytesOf, latin1 } from '../testdata/describe-entries.js'
import { hasFixtures, readFixture, withFixtures } from '../testdata/fixtures.js'
import { PackedLineReader } from './packed-line-reader.js'

const target = createLabels({ instance: 'host:9100', job: 'node', zone: '' })

/** The labels in the reader, as a copy. */
function labelsOf(reader: PackedLineReader): Labels {
  return labelsFromBytes(reader.bytes.slice(0, reader.length))
}

/** What the plain parser makes of a series, up to its value, with a target's labels; undefined where it is refused. */
function plainLabels(series: Uint8Array, type: MetricType | undefined, attached: Labels): Labels | undefined {
  const body = Buffer.concat([encodeUtf8(`# TYPE t ${type === 'unknown' ? 'untyped' : (type ?? 'untyped')}\n`), series, encodeUtf8('1\n')])
  let found: Labels | undefined
  try {
    parseTextEntries(body, { mode: 'prometheus' }, ({ labels, emptyLabels: empty }) => {
      const builder = new LabelsBuilder(labels)
      for (const [name, text] of Object.entries(attached.toObject())) {
        // The scraper would rename the label in its way.
        expect([name, builder.get(name), empty?.includes(name) ?? false]).toEqual([name, '', false])
        builder.set(name, text)
      }
      found = builder.build()
    })
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
  return found
}

/** Where the lines of a body begin. */
function lineStarts(body: Uint8Array): number[] {
  const starts = [0]
  for (let at = body.indexOf(0x0a); at >= 0; at = body.indexOf(0x0a, at + 1)) starts.push(at + 1)
  return starts
}

/** Reads all lines of a body; what it covers must be as the plain parser has it. Returns how many it covers. */
function checkBody(body: Uint8Array, reader: PackedLineReader, attached: Labels): number {
  let covered = 0
  for (const at of lineStarts(body)) {
    const valueAt = reader.read(body, at, body.length)
    if (valueAt < 0) continue
    covered++
    const series = body.subarray(at, valueAt)
    const expected = plainLabels(series, reader.type, attached)
    const shown = Buffer.from(series).toString()
    expect(expected === undefined ? shown : `${shown} ${JSON.stringify(labelsOf(reader).toObject())}`).toBe(
      `${shown} ${JSON.stringify(expected?.toObject())}`,
    )
    expect(labelsOf(reader).bytes).toEqual(expected!.bytes)
    expect(valueAt).toBeLessThan(body.length)
    expect(Buffer.from(body.subarray(reader.nameStart, reader.nameEnd)).toString()).toBe(expected!.get('__name__'))
  }
  return covered
}

describe('reads', () => {
  test.each<[line: string, labels: Record<string, string>]>([
    ['a 1', { __name__: 'a' }],
    ['a\t1', { __name__: 'a' }],
    ['a  \t 1', { __name__: 'a' }],
    [':a_b:9 1', { __name__: ':a_b:9' }],
    ['a{} 1', { __name__: 'a' }],
    ['a{b="c"} 1', { __name__: 'a', b: 'c' }],
    ['a{b="c",} 1', { __name__: 'a', b: 'c' }],
    ['a{z="1",b="2",Z="3",_="4"} 1', { Z: '3', _: '4', __name__: 'a', b: '2', z: '1' }],
    ['a{b=""} 1', { __name__: 'a' }],
    ['a{c="",b="1",z=""} 1', { __name__: 'a', b: '1' }],
    ['a{b="żółć 😀 {},=#"} NaN 5', { __name__: 'a', b: 'żółć 😀 {},=#' }],
    [`a{b="${'x'.repeat(127)}"} 1`, { __name__: 'a', b: 'x'.repeat(127) }],
    [`a{b="${'x'.repeat(8000)}"} 1`, { __name__: 'a', b: 'x'.repeat(8000) }],
    [`${'n'.repeat(300)}{b="1"} 1`, { __name__: 'n'.repeat(300), b: '1' }],
  ])('%.40s', (line, labels) => {
    const reader = new PackedLineReader()
    const body = encodeUtf8(`${line}\n`)
    expect(body[reader.read(body, 0, body.length)]).toBe(line.includes('NaN') ? 0x4e : 0x31)
    expect(labelsOf(reader).bytes).toEqual(createLabels(labels).bytes)
  })

  test('the labels that are attached, at their places', () => {
    const reader = new PackedLineReader({ attached: createLabels({ job: 'j', A: 'a', instance: 'i' }) })
    const body = encodeUtf8('m{k="1",b="2"} 1\nm 1\n')
    expect([reader.read(body, 0, body.length), labelsOf(reader).toObject()]).toEqual([
      15,
      { A: 'a', __name__: 'm', b: '2', instance: 'i', job: 'j', k: '1' },
    ])
    expect([reader.read(body, 17, body.length), labelsOf(reader).toObject()]).toEqual([
      19,
      { A: 'a', __name__: 'm', instance: 'i', job: 'j' },
    ])
  })

  test('up to 32 labels', () => {
    const names = Array.from({ length: 33 }, (_, i) => `l${i}`)
    const line = (count: number): Uint8Array =>
      encodeUtf8(
        `a{${names
          .slice(0, count)
          .map((name) => `${name}="1"`)
          .join()}} 1\n`,
      )
    const reader = new PackedLineReader({ attached: target })
    expect(reader.read(line(32), 0, line(32).length)).toBe(line(32).length - 2)
    expect(labelsOf(reader).length).toBe(35)
    expect(reader.read(line(33), 0, line(33).length)).toBe(-1)
  })

  test('where the name is that of the line before', () => {
    const body = encodeUtf8('a{b="1"} 1\na{b="2"} 1\na 1\na{b="2"} 1\na_b{c="1"} 1\na{b="2"} 1\na{b="3"} 1\n')
    const reader = new PackedLineReader()
    const seen = lineStarts(body).map((at) => reader.read(body, at, body.length) >= 0 && reader.isSameName)
    expect(seen).toEqual([false, true, false, false, false, false, true, false])
  })
})

describe('does not cover', () => {
  test.each<[what: string, line: string]>([
    ['a comment', '# TYPE a gauge'],
    ['an empty line', ''],
    ['a blank in front', ' a 1'],
    ['a name in quotes', '{"a"} 1'],
    ['a label name in quotes', 'a{"b"="c"} 1'],
    ['a blank in front of the braces', 'a {b="c"} 1'],
    ['blanks between labels', 'a{b="c", d="e"} 1'],
    ['no blank in front of the value', 'a{b="c"}1'],
    ['no value', 'a{b="c"} '],
    ['a name alone', 'a'],
    ['a backslash', 'a{b="c\\\\"} 1'],
    ['a line feed in a value', 'a{b="c\nd"} 1'],
    ['a NUL', 'a{b="c\0"} 1'],
    ['a label that is given twice', 'a{b="1",b="2"} 1'],
    ['a label that is given twice, without a value', 'a{b="",b=""} 1'],
    ['a label that is attached', 'a{job="b"} 1'],
    ['a label that is attached, without a value', 'a{job=""} 1'],
    ['the name as a label', 'a{__name__="b"} 1'],
    ['no comma', 'a{b="1"c="2"} 1'],
    ['two commas', 'a{b="1",,} 1'],
    ['a comma alone', 'a{,} 1'],
    ['no equals sign', 'a{b"1"} 1'],
    ['no quotes', 'a{b=1} 1'],
    ['a digit in front', '1a 1'],
    ['letters beyond ASCII in a name', 'ż 1'],
    ['a line of more than 8 KiB', `a{b="${'x'.repeat(8192)}"} 1`],
  ])('%s', (_, line) => {
    const body = encodeUtf8(`${line}\nb{c="1"} 2\n`)
    const reader = new PackedLineReader({ attached: target })
    expect(reader.read(body, 0, body.length)).toBe(-1)
    // And goes on with the next.
    expect(reader.read(body, body.length - 11, body.length)).toBe(body.length - 2)
  })

  test('invalid UTF-8', () => {
    const body = latin1('a{b="\xc5"} 1\n')
    expect(new PackedLineReader().read(body, 0, body.length)).toBe(-1)
  })

  test('a body that ends before the value', () => {
    const body = encodeUtf8('a{b="c",d="eeeeeeeee"} 1\n')
    const reader = new PackedLineReader()
    for (const start of [0, 1]) {
      for (let end = 0; end < body.length; end++) {
        // The second time round the line is known.
        if (start > 0) reader.read(body, 0, body.length)
        expect([end, reader.read(body, 0, end)]).toEqual([end, end < 24 ? -1 : 23])
      }
    }
  })
})

describe('bounds', () => {
  const lines = ['a{le="1"} 1', 'a{le="+Inf"} 1', 'a{le="1e6"} 1', 'a{le=".50"} 1', 'a{le="x"} 1', 'a{le=""} 1', 'a{le="1",quantile="1"} 1']
  test.each<[MetricType | undefined, read: (string | undefined)[]]>([
    ['histogram', ['1.0', '+Inf', '1e+06', '0.5', 'x', undefined, '1.0']],
    ['gaugehistogram', ['1.0', '+Inf', '1e+06', '0.5', 'x', undefined, '1.0']],
    ['summary', ['1', '+Inf', '1e6', '.50', 'x', undefined, '1']],
    ['gauge', ['1', '+Inf', '1e6', '.50', 'x', undefined, '1']],
    [undefined, ['-', '+Inf', '-', '-', 'x', undefined, '-']],
  ])('after the type %s', (type, expected) => {
    const reader = new PackedLineReader()
    const body = encodeUtf8(`${lines.join('\n')}\n`)
    const seen = [1, 2].map(() => {
      reader.type = undefined
      reader.type = type
      return lineStarts(body)
        .slice(0, -1)
        .map((at) => (reader.read(body, at, body.length) < 0 ? '-' : labelsOf(reader).get('le')))
    })
    expect(seen).toEqual([expected, expected])
  })
})

describe('as the plain parser', () => {
  const types = [undefined, 'histogram', 'summary', 'counter', 'unknown'] as const
  const value = fc.constantFrom(
    '',
    '1',
    '2',
    '0.50',
    'abc',
    'abd',
    'x'.repeat(126),
    'y'.repeat(130),
    'żółć',
    'zażółć gęślą',
    'a\\\\b',
    '\u{1f600}',
  )
  const label = fc.record({ name: fc.constantFrom('a', 'b', 'code', 'le', 'quantile', 'Upper', 'zone', '_', 'job'), value })
  const line = fc.record({
    name: fc.constantFrom('m', 'm_sum', 'n'),
    labels: fc.uniqueArray(label, { maxLength: 5, selector: ({ name }) => name }),
  })
  /** Lines that have most of the labels in common with the one before. */
  const page = fc.array(fc.record({ line, keep: fc.boolean(), at: fc.nat(4), value }), { minLength: 1, maxLength: 12 }).map((steps) => {
    let last = steps[0]!.line
    return steps.map((step) => {
      last = step.keep ? { ...last, labels: last.labels.map((one, i) => (i === step.at ? { ...one, value: step.value } : one)) } : step.line
      return `${last.name}{${last.labels.map((one) => `${one.name}="${one.value}"`).join()}} 1`
    })
  })
  const damage = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      value: fc.constantFrom(...latin1(' \n\t"{}=,\\#a1\0\x80\xc5\xff\x7f')),
      insert: fc.boolean(),
    }),
    { maxLength: 4 },
  )

  test('lines like the ones before, whole and damaged', () => {
    fc.assert(
      fc.property(page, damage, fc.constantFrom(...types), fc.constantFrom(emptyLabels, target), (lines, places, type, attached) => {
        const bytes = [...encodeUtf8(`${lines.join('\n')}\n`)]
        for (const { at, value: byte, insert } of places) bytes.splice(Math.floor(at * bytes.length), insert ? 0 : 1, byte)
        const reader = new PackedLineReader({ attached })
        reader.type = type
        checkBody(Uint8Array.from(bytes), reader, attached)
      }),
      { seed: 1, numRuns: 3_000 },
    )
  })

  test('a body whose bytes are replaced in place', () => {
    const reader = new PackedLineReader()
    const body = new Uint8Array(16)
    const read = (text: string): unknown => {
      body.set(bytesOf(text))
      return reader.read(body, 0, text.length) < 0 ? undefined : labelsOf(reader).toObject()
    }
    expect(read('a{b="c"} 1\n')).toEqual({ __name__: 'a', b: 'c' })
    expect(read('a{b="d"} 1\n')).toEqual({ __name__: 'a', b: 'd' })
    expect(read('b{b="dd"} 1\n')).toEqual({ __name__: 'b', b: 'dd' })
    reader.release()
    expect(read('b{b="d"} 1\n')).toEqual({ __name__: 'b', b: 'd' })
  })

  test.skipIf(!hasFixtures).each([
    ['prometheus-common-expfmt/testdata/text', 248],
    ['prometheus-textparse/alltypes.237mfs.prom.txt', 1857],
    // 11 lines of it have escapes.
    ['captured/nats-2.15.2/exporter-prefix-nats.metrics.txt', 249],
  ])(withFixtures('%s, and with damage, after each type'), (path, samples) => {
    const body = readFixture(path)
    for (const type of types.slice(1)) {
      const reader = new PackedLineReader({ attached: target })
      reader.type = type
      expect(checkBody(body, reader, target)).toBe(samples)
    }
    const damaged = Uint8Array.from(body)
    for (let i = 0; i < damaged.length; i += 97) damaged[i] = latin1('"\\\n \xff,}=')[i % 8]!
    const reader = new PackedLineReader({ attached: target })
    reader.type = 'histogram'
    expect(checkBody(damaged, reader, target)).toBeGreaterThan(samples / 10)
  })
})
