import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { type KnownLines, KnownLinesBuilder, lineKind } from '../fast/known-lines.js'
import { LineMatcher } from '../fast/line-matcher.js'
import { type Kernel, loadKernel, maxBodyBytes, maxKnownBytes, maxLines } from './kernel.js'
import { KernelLineMatcher } from './kernel-line-matcher.js'

const kernel = loadedKernel()

/** Every processor that promline is tested on has SIMD. */
function loadedKernel(): Kernel {
  const loaded = loadKernel()
  if (loaded === undefined) throw new Error('WebAssembly with SIMD is not there')
  return loaded
}

/** Known lines of these texts; a text that begins with `!` is one whose value is not kept. */
function known(texts: readonly string[]): KnownLines {
  const builder = new KnownLinesBuilder()
  for (const text of texts) {
    const bytes = encodeUtf8(text.replace(/^!/, ''))
    builder.add(bytes, { start: 0, end: bytes.length }, text.startsWith('!') ? lineKind.dropped : lineKind.row)
  }
  return builder.build()
}

/** Reads all that matches of a body, from one line on. */
function readBy(matcher: LineMatcher, lines: KnownLines, { body, from = 0 }: { body: Uint8Array; from?: number }) {
  const values = new Float64Array(lines.count + 2)
  matcher.read(body)
  matcher.at = 0
  const count = matcher.matchLines(lines, from, { values, length: 1 })
  let rows = 0
  for (let i = from; i < from + count; i++) rows += lines.marks[i]! & 1
  return { count, at: matcher.at, values: Array.from(values.subarray(1, 1 + rows)) }
}

function expectSame(texts: readonly string[], body: string, from = 0): ReturnType<typeof readBy> {
  const lines = known(texts)
  const bytes = encodeUtf8(body)
  const expected = readBy(new LineMatcher(), lines, { body: bytes, from })
  const found = readBy(new KernelLineMatcher(kernel), lines, { body: bytes, from })
  expect(found).toEqual(expected)
  return found
}

const numbers: readonly string[] = [
  '0 -0 1 -1 123456789 1234567890 9007199254740992 9007199254740993 18446744073709551615 99999999999999999999',
  '0.5 .5 5. -2.25 0.000001 12345678.9 0.1234567890123456 123.45678901234567 0.00000000000000000000001',
  '1e5 1E5 1e+5 1e-5 1.25e22 1.25e23 1e-22 1e-23 1.7976931348623157e308 5e-324 1e999 1e0005 1e 1e+ 2e45x',
  'NaN +Inf -Inf nan +5 - 1\r 0x10 1_000 1.2.3 --1 x',
]
  .flatMap((row) => row.split(' '))
  .concat('', ' 1', '1 ', '1 1700000000000')

describe('one number, as JavaScript reads it', () => {
  test.each(numbers)('%j', (number) => {
    expectSame(['# TYPE a gauge\na{b="cdefghijk"} ', 'b '], `# TYPE a gauge\na{b="cdefghijk"} ${number}\nb 2\n`)
  })

  test('any double, in its shortest form', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 20 }), (values) => {
        const texts = values.map((_, i) => `m${i} `)
        const found = expectSame(texts, values.map((value, i) => `m${i} ${Object.is(value, -0) ? '-0' : value}\n`).join(''))
        const finite = values.findIndex((value) => !Number.isFinite(value))
        expect(found.values.slice(0, finite < 0 ? values.length : finite)).toEqual(values.slice(0, finite < 0 ? values.length : finite))
      }),
    )
  })

  test('any decimal of up to 20 digits', () => {
    const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(21), fc.integer({ min: -60, max: 60 }))
    fc.assert(
      fc.property(decimal, ([digits, pointAt, exponent]) => {
        const text = String(digits)
        const number = `${text.slice(0, Math.max(1, text.length - pointAt))}.${text.slice(Math.max(1, text.length - pointAt))}`
        expectSame(['a '], `a ${number}e${exponent}\n`)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('lines', () => {
  const nameOf = fc.integer({ min: 1, max: 70 }).map((length) => `${'abcdefghij'.repeat(7).slice(0, length)} `)

  test('of all lengths, changed at any place, from any line on', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(nameOf, fc.boolean()), { minLength: 1, maxLength: 30 }), fc.nat(), fc.nat(), (names, change, start) => {
        const texts = names.map(([name, isDropped]) => (isDropped ? `!${name}` : name))
        const from = start % names.length
        const body = names
          .slice(from)
          .map(([name], i) => `${name}${i}\n`)
          .join('')
        const at = change % (body.length + 1)
        expectSame(texts, body, from)
        expectSame(texts, `${body.slice(0, at)}?${body.slice(at + 1)}`, from)
        expectSame(texts, body.slice(0, at), from)
      }),
    )
  })

  test.each<[what: string, count: number, length: number]>([
    ['more lines than one call takes', 3 * maxLines + 1, 10],
    ['more bytes than are known at once', maxLines, 3 * Math.ceil(maxKnownBytes / maxLines)],
    ['more body than a window takes', 12, Math.ceil(maxBodyBytes / 6)],
    ['a line that is longer than both', 3, maxBodyBytes + 10],
  ])('%s', (_, count, length) => {
    const texts = Array.from({ length: count }, (_, i) => `${i}_${'x'.repeat(length)} `)
    const body = texts.map((text, i) => `${text}${i % 3 === 0 ? 'NaN' : i}\n`).join('')
    expect(expectSame(texts, body).count).toBe(count)
    expect(expectSame(texts, `${body.slice(0, -length)}?`).count).toBe(count - 1)
  })

  test('one body after another, read from any place', () => {
    const matcher = new KernelLineMatcher(kernel)
    const lines = known(['a ', 'b ', 'c '])
    expect(readBy(matcher, lines, { body: encodeUtf8('a 1\nb 2\nc 3\n') })).toMatchObject({ count: 3, values: [1, 2, 3] })
    expect(readBy(matcher, lines, { body: encodeUtf8('a 4\nb 5\nc 6\n') })).toMatchObject({ count: 3, values: [4, 5, 6] })
    matcher.at = 4
    const values = new Float64Array(3)
    expect(matcher.matchLines(lines, 1, { values, length: 0 })).toBe(2)
    expect([...values]).toEqual([5, 6, 0])
  })

  test('several lists in any order, each from any line on: what the kernel holds of one is never taken for another', () => {
    const lists = [3, 40, maxLines + 60, 5].map((count, l) => known(Array.from({ length: count }, (_, i) => `m${l % 3}_${i} `)))
    const step = fc.record({ list: fc.nat(lists.length - 1), from: fc.nat(), missing: fc.nat(), isSecond: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const matchers = [new KernelLineMatcher(kernel), new KernelLineMatcher(kernel)]
        for (const { list, from, missing, isSecond } of steps) {
          const lines = lists[list]!
          const first = from % lines.count
          const places = Array.from({ length: lines.count - first }, (_, i) => first + i)
          const body = encodeUtf8(places.map((i) => `m${list % 3}_${i === missing % lines.count ? 'x' : i} ${i + list / 4}\n`).join(''))
          const found = readBy(matchers[isSecond ? 1 : 0]!, lines, { body, from: first })
          expect(found).toEqual(readBy(new LineMatcher(), lines, { body, from: first }))
        }
      }),
    )
  })

  test('two bodies in turn', () => {
    const lines = known(['a ', 'b ', 'c '])
    const bodies = ['a 1\nb 2\nc 3\n', 'a 4\nb 5\nc 6\n'].map(encodeUtf8)
    const matchers = bodies.map((body) => {
      const matcher = new KernelLineMatcher(kernel)
      matcher.read(body)
      return matcher
    })
    const values = matchers.map(() => new Float64Array(4))
    for (let i = 0; i < 3; i++) {
      for (const [m, matcher] of matchers.entries()) {
        const column = { values: values[m]!, length: i }
        // One line at a time: the other reader comes between.
        expect(matcher.matchLines({ ...lines, count: i + 1 }, i, column)).toBe(1)
      }
    }
    expect(values.map((column) => [...column.subarray(0, 3)])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })
})
