import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LabelStrings } from './label-strings.js'
import { createLabels, labelsWithin, ownLabels, walkLabels } from './labels.js'
import { decodeIn, TextIntern } from './text-intern.js'

const text = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'instance',
    'host-1',
    'host-2',
    'x'.repeat(64),
    'x'.repeat(65),
    'y'.repeat(300),
    'ż',
    '\u00c3\u0085',
    '\u00c5',
    '\u{1f600}',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).filter((value) => value.isWellFormed()),
)
const set = fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: false })

/** An object without a prototype, as the oracle: text by text. */
function plainly(bytes: Uint8Array): Record<string, string> {
  const object: Record<string, string> = Object.create(null)
  const decode = (start: number, end: number): string => Buffer.from(bytes.subarray(start, end)).toString('utf8')
  walkLabels(bytes, ({ nameStart, nameEnd, valueStart, valueEnd }) => {
    object[decode(nameStart, nameEnd)] = decode(valueStart, valueEnd)
    return true
  })
  return object
}

test('sets one after the other are as each is by itself', () => {
  const strings = new LabelStrings()
  fc.assert(
    fc.property(fc.array(set, { minLength: 2, maxLength: 4 }), fc.nat(7), (sets, offset) => {
      for (const labels of sets) {
        const { bytes } = createLabels(labels)
        const within = new Uint8Array(offset + bytes.length + 3).fill(0x61)
        within.set(bytes, offset)
        const object = strings.toObject(new DataView(within.buffer), offset, offset + bytes.length)
        const expected = plainly(bytes)
        expect(Object.entries(object)).toEqual(Object.entries(expected))
        expect(Object.getPrototypeOf(object)).toBe(null)
        const part = labelsWithin(new DataView(within.buffer), offset, offset + bytes.length)
        expect([part.toObject(), part.length, part.equals(createLabels(labels))]).toEqual([expected, Object.keys(expected).length, true])
      }
    }),
    { seed: 1, numRuns: 2_000 },
  )
})

test('more labels and bytes than are kept', () => {
  const strings = new LabelStrings()
  const sets = [100, 65, 64, 2, 100].map((count) =>
    createLabels(Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, `v${i}`.repeat(20)]))),
  )
  for (const { bytes } of sets)
    expect(strings.toObject(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length)).toEqual(plainly(bytes))
})

test('names that objects have of themselves', () => {
  const labels = createLabels([
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['1', 'c'],
  ])
  expect(Object.entries(labels.toObject())).toEqual([
    ['1', 'c'],
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})

test('texts are the same strings for the same bytes, whatever else was in their slots', () => {
  const intern = new TextIntern(4)
  fc.assert(
    fc.property(text, (value) => {
      const bytes = Buffer.from(value)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      expect([intern.get(view, 0, bytes.length), intern.get(view, 0, bytes.length), decodeIn(view, 0, bytes.length)]).toEqual([
        value,
        value,
        value,
      ])
    }),
    { seed: 1, numRuns: 2_000 },
  )
})

test('labels to keep are in an array of their own', () => {
  const whole = createLabels({ a: 'b' })
  const { bytes } = whole
  const within = new Uint8Array(100)
  within.set(bytes, 10)
  const part = labelsWithin(new DataView(within.buffer), 10, 10 + bytes.length)
  const own = ownLabels(part)
  expect([own.equals(part), own.bytes.buffer.byteLength, ownLabels(own) === own, ownLabels(whole) === whole]).toEqual([
    true,
    bytes.length,
    true,
    true,
  ])
})
