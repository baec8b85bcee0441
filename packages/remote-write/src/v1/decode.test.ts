import { createLabels, isPromlineError } from '@promline/core'
import { Writer } from 'protobufjs/minimal.js'
import { describe, expect, it } from 'vitest'
import { decodeWriteRequest } from './decode.js'
import { encodeWriteRequest } from './encode.js'

/** A field with a message in it, or with bytes. */
function field(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Writer()
    .uint32((number << 3) | 2)
    .bytes(Buffer.concat(parts))
    .finish()
}

function text(number: number, value: string): Uint8Array {
  return field(number, Buffer.from(value, 'utf8'))
}

function label(name: string, value: string): Uint8Array {
  return field(1, text(1, name), text(2, value))
}

function series(...parts: readonly Uint8Array[]): Uint8Array {
  return field(1, label('__name__', 'm'), ...parts)
}

const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(' ', ''), 'hex')

function thrownBy(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(isPromlineError(error, 'decode')).toBe(true)
    return error instanceof Error ? error.message : ''
  }
  return 'nothing was thrown'
}

describe('decodeWriteRequest()', () => {
  const refused: readonly [name: string, bytes: Uint8Array, message: string][] = [
    ['a field that ends early', hex('0a 05 0a'), 'timeseries[0], offset 2: length 5 of field 1 reaches past the end of its message'],
    ['a tag that ends early', hex('8a'), 'WriteRequest, offset 1: the message ends in the middle of a field'],
    ['a tag of more than 32 bits', hex('ff ff ff ff ff 01'), 'WriteRequest, offset 5: invalid tag encoding'],
    ['a length of more than 31 bits', hex('0a ff ff ff ff ff 01'), 'timeseries[0], offset 6: invalid length encoding'],
    ['field number 0', hex('02 00'), 'WriteRequest, offset 1: field number 0'],
    ['a group', hex('23 24'), 'WriteRequest, offset 1: field 4 has wire type 3, which is not allowed'],
    ['wire type 7', hex('27'), 'WriteRequest, offset 1: field 4 has wire type 7, which is not allowed'],
    ['series that are not messages', hex('08 01'), 'timeseries[0], offset 1: field 1 has wire type 0 instead of 2'],
    ['an unknown varint without an end', hex(`20 ${'ff '.repeat(11)}`), 'WriteRequest, offset 11: a varint of more than 10 bytes'],
    [
      'an inner length beyond the outer one',
      hex('0a 02 0a 05 61 62 63 64 65'),
      'timeseries[0], offset 4: length 5 of field 1 reaches past the end of its message',
    ],
    ['a double that ends early', series(field(2, hex('09 00 00'))), 'timeseries[0], offset 20: the message ends in the middle of a field'],
    ['no metric name', field(1, label('job', 'api')), 'timeseries[0], offset 14: no metric name (label __name__) in {"job":"api"}'],
    [
      'an empty metric name',
      field(1, label('__name__', ''), label('a', 'b')),
      'timeseries[0], offset 24: no metric name (label __name__) in {"a":"b"}',
    ],
    ['no labels at all', field(1), 'timeseries[0], offset 2: no metric name (label __name__) in {}'],
    ['a label that comes twice', series(label('a', '1'), label('a', '1')), 'timeseries[0], offset 33: label "a" is given twice'],
    [
      'a label that comes twice, apart',
      series(label('a', '1'), label('b', '1'), label('a', '2')),
      'timeseries[0], offset 41: label "a" is given twice',
    ],
    ['a label that comes twice, once empty', series(label('a', ''), label('a', '2')), 'timeseries[0], offset 32: label "a" is given twice'],
    ['an empty label name', series(label('', 'x')), 'timeseries[0], offset 24: a label has an empty name'],
    ['a label without a name', series(field(1, text(2, 'x'))), 'timeseries[0], offset 22: a label has an empty name'],
    [
      'a name that is not UTF-8',
      series(field(1, field(1, hex('ff')), text(2, 'x'))),
      'timeseries[0], offset 22: a label name is not valid UTF-8',
    ],
    [
      'a value that is an encoded surrogate',
      series(field(1, text(1, 'a'), field(2, hex('ed a0 80')))),
      'timeseries[0], offset 27: a label value is not valid UTF-8',
    ],
    ['help that is not UTF-8', field(3, text(2, 'm'), field(4, hex('c0 80'))), 'metadata[0], offset 9: the help is not valid UTF-8'],
    [
      'a timestamp of 2^53',
      series(field(2, hex('10 80 80 80 80 80 80 80 10'))),
      'timeseries[0], offset 28: timestamp 9007199254740992 is outside of ±(2^53 - 1)',
    ],
    [
      'the smallest int64 as timestamp',
      series(field(2, hex('10 80 80 80 80 80 80 80 80 80 01'))),
      'timeseries[0], offset 30: timestamp -9223372036854775808 is outside of ±(2^53 - 1)',
    ],
    [
      'an integer count with float buckets',
      series(field(4, hex('08 01'), field(13, hex('000000000000f03f')))),
      'timeseries[0], offset 31: a histogram mixes an integer count with float buckets, or the other way round',
    ],
    [
      'packed deltas that end early',
      series(field(4, field(12, hex('02 80')))),
      'timeseries[0], offset 23: the message ends in the middle of a field',
    ],
  ]
  for (const [name, bytes, message] of refused) {
    it(`refuses ${name}`, () => expect(thrownBy(() => decodeWriteRequest(bytes))).toBe(message))
  }

  const taken: readonly [name: string, bytes: Uint8Array, expected: unknown][] = [
    ['an empty message', hex(''), []],
    ['unknown fields of every kind', Buffer.concat([hex('20 01 29 0000000000000000 32 01 61 3d 00000000'), series()]), [['m', []]]],
    ['unsorted labels', field(1, label('b', '2'), label('a', '1'), label('__name__', 'm')), [['m', []]]],
    ['empty values as absent labels', series(label('a', '')), [['m', []]]],
    ['labels after samples', field(1, field(2, hex('10 05')), label('__name__', 'm')), [['m', [[0, false, 5]]]]],
    ['the staleness marker', series(field(2, hex('09 020000000000f07f 10 05'))), [['m', [[Number.NaN, true, 5]]]]],
    ['the staleness marker, quieted', series(field(2, hex('09 020000000000f87f 10 05'))), [['m', [[Number.NaN, true, 5]]]]],
    ['the ordinary NaN', series(field(2, hex('09 010000000000f87f 10 05'))), [['m', [[Number.NaN, false, 5]]]]],
    ['another NaN', series(field(2, hex('09 030000000000f07f 10 05'))), [['m', [[Number.NaN, false, 5]]]]],
    ['the smallest double', series(field(2, hex('09 0100000000000000 10 05'))), [['m', [[5e-324, false, 5]]]]],
    ['a negative timestamp', series(field(2, hex('10 ff ff ff ff ff ff ff ff ff 01'))), [['m', [[0, false, -1]]]]],
    ['the largest safe timestamp', series(field(2, hex('10 ff ff ff ff ff ff ff 0f'))), [['m', [[0, false, 9007199254740991]]]]],
    ['the last of a field that comes twice', series(field(2, hex('10 05 10 06'))), [['m', [[0, false, 6]]]]],
    [
      'the same series twice',
      Buffer.concat([series(), series()]),
      [
        ['m', []],
        ['m', []],
      ],
    ],
  ]
  for (const [name, bytes, expected] of taken) {
    it(`takes ${name}`, () => {
      const found = decodeWriteRequest(bytes).series.map((entry) => [
        entry.labels.get('__name__'),
        entry.samples.map((sample) => [sample.value, sample.stale, sample.timestampMs]),
      ])
      expect(found).toEqual(expected)
    })
  }

  it('sorts labels by code point', () => {
    const unsorted = series(label('\u{1f600}', '1'), label('\ufffd', '2'), label('__proto__', '3'), label('constructor', '4'))
    const { labels } = decodeWriteRequest(unsorted).series[0]!
    expect(
      labels.equals(
        createLabels([
          ['__name__', 'm'],
          ['\ufffd', '2'],
          ['\u{1f600}', '1'],
          ['__proto__', '3'],
          ['constructor', '4'],
        ]),
      ),
    ).toBe(true)
    expect(Object.keys(labels.toObject())).toEqual(['__name__', '__proto__', 'constructor', '\ufffd', '\u{1f600}'])
  })

  it('reads repeated numbers packed and one by one', () => {
    const packed = series(field(4, field(12, hex('02 04')), field(16, hex('000000000000f03f'))))
    const single = series(field(4, hex('60 02 60 04'), hex('8101 000000000000f03f')))
    expect(decodeWriteRequest(single)).toEqual(decodeWriteRequest(packed))
    expect(decodeWriteRequest(single).series[0]!.histograms[0]!.histogram.positiveDeltas).toEqual(Float64Array.of(1, 2))
  })

  it('takes types that are not known yet as unknown', () => {
    expect(decodeWriteRequest(field(3, hex('08 2a'), text(2, 'm'))).metadata).toEqual([{ name: 'm', type: 'unknown', help: '', unit: '' }])
  })

  it('holds the limits of a series', () => {
    const many = series(...Array.from({ length: 3 }, (_, i) => label(`l${i}`, 'x')))
    expect(decodeWriteRequest(many, { maxLabels: 4 }).series).toHaveLength(1)
    expect(thrownBy(() => decodeWriteRequest(many, { maxLabels: 3 }))).toBe(
      'timeseries[0], offset 36: a series has more labels than the limit of 3',
    )
    expect(thrownBy(() => decodeWriteRequest(many, { maxLabelBytes: 25 }))).toBe(
      'timeseries[0], offset 44: the labels of a series take 26 bytes, more than the limit of 25',
    )
  })

  const empty = (tag: string): Uint8Array => hex(`${tag} 00`.repeat(2000))
  const amplified: readonly [name: string, bytes: Uint8Array, place: string][] = [
    ['empty samples', series(empty('12')), 'timeseries[0], offset 200'],
    ['empty exemplars', series(empty('1a')), 'timeseries[0], offset 681'],
    ['empty histograms', series(empty('22')), 'timeseries[0], offset 143'],
    ['empty spans', series(field(4, empty('5a'))), 'timeseries[0], offset 3318'],
    ['packed buckets', series(field(4, field(12, new Uint8Array(5000)))), 'timeseries[0], offset 2496'],
    ['buckets one by one', series(field(4, hex('60 00'.repeat(4000)))), 'timeseries[0], offset 4966'],
    ['empty metadata', empty('1a'), 'metadata[400], offset 801'],
  ]
  for (const [name, bytes, place] of amplified) {
    it(`refuses ${name} that take far more memory than bytes`, () => {
      const expected = `${place}: the values of the message take more than 100000 bytes of memory`
      expect(() => decodeWriteRequest(bytes, { maxMemoryBytes: 100_000 })).toThrow(
        expect.objectContaining({ code: 'limit', message: expected }),
      )
    })
  }

  it('allows what small honest series take, by default in 32 MiB and here in 1 MiB', () => {
    const one = series(label('i', '123456'), field(2, hex('09 000000000000f03f 10 80d095ffbc31')))
    const message = Buffer.alloc(Math.floor(1024 ** 2 / one.length) * one.length, one)
    expect(() => decodeWriteRequest(message, { maxMemoryBytes: 16 * 1024 ** 2 })).not.toThrow()
  })

  it('survives every cut and every flipped bit of a message', () => {
    const { bytes } = encodeWriteRequest({
      series: [
        {
          labels: createLabels({ __name__: 'm', job: 'a' }),
          samples: [{ value: 1.5, stale: false, timestampMs: 1700000000000 }],
          exemplars: [{ labels: createLabels({ trace_id: 'x' }), value: 2, timestampMs: 5 }],
          histograms: [],
        },
      ],
      metadata: [{ name: 'm', type: 'gauge', help: 'h', unit: 's' }],
    })
    for (let cut = 0; cut < bytes.length; cut++) outcomeOf(bytes.subarray(0, cut))
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Uint8Array.from(bytes)
      damaged[bit >>> 3]! ^= 1 << (bit & 7)
      outcomeOf(damaged)
    }
  })
})

/** Decodes, or throws nothing but our own error. */
function outcomeOf(bytes: Uint8Array): void {
  try {
    decodeWriteRequest(bytes)
  } catch (error) {
    if (!isPromlineError(error, 'decode')) throw error
  }
}
