import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareCodePoints } from '../../model/bytes.js'
import type { InfluxFields } from '../influx-line.js'
import { influxRowFormat, jsonRowFormat, type RowFormat, safeInfluxRowFormat } from '../row-format.js'
import { rangeOf } from '../../model/byte-range.js'
import { ByteTags } from './byte-tags.js'
import { ByteText } from './byte-text.js'

const formats: Readonly<Record<string, RowFormat>> = {
  influx: influxRowFormat,
  'safe influx': safeInfluxRowFormat,
  json: jsonRowFormat({ timestampUnitMs: 1000 }),
}

/** The texts of a row with one field; undefined where a part is left to strings. */
function writeFrame(format: RowFormat, { measurement, tags, fields }: InfluxFields): string[] | undefined {
  const byteTags = new ByteTags()
  for (const [name, value] of tags) byteTags.push({ name: rangeOf(name), value: rangeOf(value) })
  const parts = { measurement: rangeOf(measurement), tags: byteTags }
  const to = new ByteText()
  const texts: string[] = []
  const take = (): void => {
    texts.push(Buffer.from(to.bytes.subarray(0, to.at)).toString('utf8'))
    to.at = 0
  }
  if (!format.frames.head(to, parts)) return undefined
  take()
  for (const [name] of fields) {
    if (!format.frames.field(to, rangeOf(name))) return undefined
    take()
  }
  if (!format.frames.tail(to, parts)) return undefined
  take()
  return texts
}

/** The same by the plain twin. */
function plainFrame(format: RowFormat, row: InfluxFields): string[] | undefined {
  const frame = format.frame(row)
  return frame && [frame.head, ...frame.fields.map(([text]) => text), frame.tail]
}

const oddTexts = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...Array.from('ab#\\\n\t\r\f\b\u0000\u001f\u007f ,="<>&é日\u2027\u2028\u2029\u{1f600}')),
    minLength: 1,
    maxLength: 8,
  }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('time', '_field', '_measurement', 'timer', '\\', '#', 'x\\', 'é'.repeat(70), 'x'.repeat(300)),
)
/** What no format leaves to strings. */
const commonTexts = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019_:/.-#"<>&é ,=')), minLength: 1, maxLength: 12 })

function rowsOf(texts: fc.Arbitrary<string>): fc.Arbitrary<InfluxFields> {
  const tags = fc.uniqueArray(fc.tuple(texts, texts), { maxLength: 6, selector: ([name]) => name })
  return fc.tuple(texts, tags, texts).map(([measurement, pairs, field]) => ({
    measurement,
    tags: pairs.sort((a, b) => compareCodePoints(a[0], b[0])),
    fields: [[field, 1]],
    timestampMs: 0,
  }))
}

describe.each(Object.entries(formats))('%s', (name, format) => {
  test('writes what strings say, or leaves it to them', () => {
    fc.assert(
      fc.property(rowsOf(oddTexts), (row) => {
        const written = writeFrame(format, row)
        if (written !== undefined) expect(written).toEqual(plainFrame(format, row))
      }),
      { numRuns: 3_000 },
    )
  })

  test('leaves nothing common to strings', () => {
    fc.assert(
      fc.property(rowsOf(commonTexts), (row) => {
        expect(writeFrame(format, row)).toEqual(plainFrame(format, row))
      }),
      { numRuns: 1_000 },
    )
  })

  const row: InfluxFields = { measurement: 'm', tags: [['t', 'v']], fields: [['f', 1]], timestampMs: 0 }
  const left: readonly (readonly [formats: string, row: Partial<InfluxFields>])[] = [
    ['influx, safe influx', { measurement: '\\' }],
    ['influx, safe influx', { fields: [['\\', 1]] }],
    ['safe influx', { fields: [['time', 1]] }],
    ['safe influx', { tags: [['time', 'v']] }],
    ['safe influx', { tags: [['a\\b', 'v']] }],
    ['safe influx', { tags: [['a\nb', 'v']] }],
    ['json', { measurement: '\u2028' }],
    ['json', { fields: [['\u2028', 1]] }],
    ['json', { tags: [['t', '\u2029']] }],
    ['json', { tags: [['\u2028', 'v']] }],
  ]
  test.each(left)('whether %s leaves %j to strings', (names, part) => {
    const isLeft = names.split(', ').includes(name)
    expect(writeFrame(format, { ...row, ...part })).toEqual(isLeft ? undefined : plainFrame(format, { ...row, ...part }))
  })
})
