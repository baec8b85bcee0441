import { createLabels, createSeriesList, packedOf, type PackedSeriesList, type SampleColumns } from '@promline/core'
import fc from 'fast-check'
import { uncompress } from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { assertBlock } from '../../snappy/assert-block.js'
import { TimestampBytes } from '../timestamp-bytes.js'
import { loadKernel } from './kernel/kernel.js'
import { createListCompressor, KernelListCompressor } from './kernel/kernel-list-compressor.js'
import { PlainListCompressor } from './list-compressor.js'
import { OpenCompressor } from './open-compressor.js'
import { RowCompressor } from './row-compressor.js'
import { RowMessage } from './row-message.js'

type Pair = readonly [name: string, value: string]

const metadata = { name: 'm', type: 'gauge', help: '', unit: '' } as const

function listOf(rows: readonly (readonly Pair[])[]): PackedSeriesList {
  return packedOf(createSeriesList(rows.map((pairs) => ({ labels: createLabels([['__name__', 'm'], ...pairs]), metadata }))))
}

/** What takes the place of values and timestamps: every byte that there is. */
interface Filling {
  readonly values: readonly Uint8Array[]
  readonly timestampMs: number
}

/** The message with these numbers. */
function expected(list: PackedSeriesList, { values, timestampMs }: Filling): Buffer {
  const message = new RowMessage()
  message.write(list, timestampMs)
  for (let i = 0; i < list.length; i++) message.bytes.set(values[i]!, message.valuePlaces[i]!)
  return Buffer.from(message.bytes.slice(0, message.length))
}

/** The same, by way of elements with open places. */
function throughElements(list: PackedSeriesList, { values, timestampMs }: Filling, tools = createTools()): Buffer {
  const { message, compressor } = tools
  message.writeOpen(list)
  const elements = compressor.compress(message).slice()
  const timestamp = new TimestampBytes()
  timestamp.set(timestampMs)
  for (const place of compressor.timestampPlaces) elements.set(timestamp.bytes.subarray(0, 6), place)
  for (let i = 0; i < list.length; i++) elements.set(values[i]!, compressor.valuePlaces[i]!)
  return decompressed(elements, message.length)
}

function createTools(): { readonly message: RowMessage; readonly compressor: OpenCompressor } {
  return { message: new RowMessage(), compressor: new OpenCompressor() }
}

/** The same, compressed when everything is filled in. */
function throughRows(message: RowMessage, compressor: RowCompressor): Buffer {
  return decompressed(compressor.compress(message), message.length)
}

function decompressed(elements: Uint8Array, length: number): Buffer {
  const block = Buffer.concat([varint(length), elements])
  assertBlock(block, length)
  return Buffer.from(uncompress(block))
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.from([...bytes, left])
    bytes.push((left % 128) | 128)
  }
}

/** Texts of lengths whose varints have the bytes that stand for open places, and of controls that are tags. */
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('host-1', 'host-10', 'host-2', '\x12\x10\x09', '\x10\x0a', '\n\n\n\n', 'é'.repeat(100)),
  fc
    .constantFrom(63, 64, 126, 127, 128, 188, 190, 191, 192, 193, 245, 247, 250, 252, 253, 255, 256, 320, 383, 511)
    .map((n) => 'x'.repeat(n)),
)
const row = fc
  .uniqueArray(fc.tuple(texts, texts), { selector: ([name]) => name, maxLength: 5 })
  .map((pairs) => pairs.filter(([name]) => name !== '__name__'))
const rows = fc.oneof(
  fc.array(row, { minLength: 1, maxLength: 30 }),
  // Rows that come again.
  fc.array(row, { minLength: 1, maxLength: 3 }).chain((some) => fc.array(fc.constantFrom(...some), { minLength: 1, maxLength: 30 })),
)
const value = fc.oneof(
  fc.uint8Array({ minLength: 8, maxLength: 8 }),
  fc.constantFrom(0, 0x12, 0xc0, 0xff).map((byte) => new Uint8Array(8).fill(byte)),
)
const fillings = rows.chain((all) =>
  fc.record({
    list: fc.constant(listOf(all)),
    values: fc.array(value, { minLength: all.length, maxLength: all.length }),
    timestampMs: fc.oneof(fc.integer({ min: 2 ** 35, max: 2 ** 42 - 1 }), fc.constantFrom(2 ** 35, 2 ** 42 - 1, 1_700_000_000_000)),
  }),
)

const times = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, 1, -1, 127, 128, 2 ** 42, 1_700_000_000_000))
const timed = fillings.chain(({ list, values }) =>
  fc.record({
    list: fc.constant(list),
    values: fc.constant(values),
    timestampMs: fc.oneof(
      times,
      fc.array(times, { minLength: list.length, maxLength: list.length }).map((all) => Float64Array.from(all)),
    ),
  }),
)

const noise = (length: number, seed: number): string =>
  Array.from({ length }, (_, i) => {
    const mixed = Math.imul((i + seed * 7919) ^ (i >>> 7), 0x9e3779b1)
    return String.fromCharCode(33 + (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 26))
  }).join('')
const large: readonly [name: string, rows: readonly (readonly Pair[])[]][] = [
  ['one row', [[['a', 'b']]]],
  ['a row without labels but its name', [[]]],
  ['1,024 rows', Array.from({ length: 1024 }, (_, i) => [['i', String(i)] as const, ['host', `host-${i % 50}`] as const])],
  ['1,024 rows that are the same', Array.from({ length: 1024 }, () => [['host', 'host-1'] as const])],
  ['texts larger than the window', [1, 2, 1].map((seed) => [['a', noise(70_000, seed)] as const])],
  ['the same text at distances around the window', Array.from({ length: 9 }, (_, i) => [['a', noise(16_340 + i, i % 3)] as const])],
  ['a row after one larger than the window', [[['a', 'x']], [['a', noise(200_000, 1)]], [['a', 'x']], [['a', 'x']]]],
  ['1,000 labels', [0, 1].map((j) => Array.from({ length: 1000 }, (_, i) => [`l${i}`, `${i + j}`] as const))],
]

describe('OpenCompressor', () => {
  it('gives elements that are the message whatever is filled in', () => {
    const tools = createTools()
    fc.assert(
      fc.property(fillings, ({ list, ...filling }) => {
        expect(throughElements(list, filling, tools).equals(expected(list, filling))).toBe(true)
      }),
      { numRuns: 1500 },
    )
  })

  for (const [name, all] of large) {
    it(`takes ${name}`, () => {
      const list = listOf(all)
      const filling = { values: all.map((_, i) => new Uint8Array(8).fill(i)), timestampMs: 1_700_000_000_000 }
      expect(throughElements(list, filling).equals(expected(list, filling))).toBe(true)
    })
  }

  it('keeps nothing of one list for the next', () => {
    const tools = createTools()
    for (const text of ['a', 'instance', '', 'a']) {
      const list = listOf(Array.from({ length: 50 }, (_, i) => [['host', `${text}-${i}`] as const]))
      tools.message.writeOpen(list)
      const fresh = createTools()
      fresh.message.writeOpen(list)
      expect(tools.compressor.compress(tools.message)).toEqual(fresh.compressor.compress(fresh.message))
    }
  })
})

describe('RowCompressor', () => {
  it('gives elements that are the message, with times of all rows or of each, of all lengths', () => {
    const message = new RowMessage()
    const compressor = new RowCompressor()
    fc.assert(
      fc.property(timed, ({ list, values, timestampMs }) => {
        message.write(list, timestampMs)
        for (let i = 0; i < list.length; i++) message.bytes.set(values[i]!, message.valuePlaces[i]!)
        expect(throughRows(message, compressor).equals(message.bytes.subarray(0, message.length))).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  for (const [name, all] of large) {
    it(`takes ${name}`, () => {
      const message = new RowMessage()
      message.write(listOf(all), 1_700_000_000_000)
      expect(throughRows(message, new RowCompressor()).equals(message.bytes.subarray(0, message.length))).toBe(true)
    })
  }
})

describe('KernelListCompressor', () => {
  /** Every processor that promline is tested on has SIMD. */
  function createKernelCompressor(): KernelListCompressor {
    const kernel = loadKernel()
    if (kernel === undefined) throw new Error('WebAssembly with SIMD is not there')
    return new KernelListCompressor(kernel)
  }

  /** What comes of columns by both ways, for requests that repeat them and for one that does not. */
  const compressor = createKernelCompressor()
  const plain = new PlainListCompressor()

  function assertSame(columns: SampleColumns): void {
    const { timestampMs } = columns
    const { bytes, messageBytes } = compressor.compress(columns, timestampMs)
    const expected = plain.compress(columns, timestampMs)
    expect(messageBytes).toBe(expected.messageBytes)
    expect(Buffer.compare(bytes, expected.bytes)).toBe(0)
    assertSameOpen(packedOf(columns.series))
  }

  function assertSameOpen(list: PackedSeriesList): void {
    const made = compressor.compressOpen(list)
    const expected = plain.compressOpen(list)
    expect(made.messageBytes).toBe(expected.messageBytes)
    expect(Buffer.compare(made.bytes, expected.bytes)).toBe(0)
    expect(Array.from(made.timestampPlaces)).toEqual(Array.from(expected.timestampPlaces))
    for (let i = 0; i < list.length; i++) expect(made.valuePlaces[i]).toBe(expected.valuePlaces[i])
  }

  const numbers = fc.oneof(fc.double(), fc.nat(), fc.constantFrom(0, -0, Number.NaN))

  it('gives the elements that the plain one gives, byte for byte', () => {
    fc.assert(
      fc.property(timed, fc.array(fc.tuple(numbers, fc.boolean())), ({ list, timestampMs }, said) => {
        const values = Float64Array.from({ length: list.length }, (_, i) => said[i]?.[0] ?? i)
        const stale = Uint8Array.from({ length: list.length }, (_, i) => Number(said[i]?.[1] ?? false))
        assertSame({ kind: 'samples', series: list, values, timestampMs })
        assertSame({ kind: 'samples', series: list, values, timestampMs, stale })
      }),
      { numRuns: 1000 },
    )
  })

  for (const [name, all] of [
    ...large,
    ['more rows than the kernel has room for', manyRows(2049)],
    ['as many as it has', manyRows(2048)],
  ] as const) {
    it(`takes ${name}`, () => {
      const series = listOf(all)
      for (let time = 0; time < 2; time++) {
        assertSame({ kind: 'samples', series, values: Float64Array.from(all, (_, i) => i / 4), timestampMs: 1_700_000_000_000 + time })
      }
    })
  }

  it('takes no rows', () => assertSame({ kind: 'samples', series: listOf([]), values: new Float64Array(0), timestampMs: 0 }))

  it('says which series has a timestamp that is not an integer, as the plain one does', () => {
    const series = listOf([[['i', '0']], [['i', '1']]])
    for (const timestampMs of [0.5, Number.NaN, Float64Array.of(1, 2 ** 53)]) {
      const columns: SampleColumns = { kind: 'samples', series, values: new Float64Array(2), timestampMs }
      expect(() => compressor.compress(columns, timestampMs)).toThrow(errorOf(() => plain.compress(columns, timestampMs)))
    }
  })

  it('is there unless it is not wanted', () => {
    expect(createListCompressor(true)).toBeInstanceOf(KernelListCompressor)
    expect(createListCompressor(false)).toBeInstanceOf(PlainListCompressor)
  })
})

function manyRows(count: number): (readonly Pair[])[] {
  return Array.from({ length: count }, (_, i) => [['i', String(i % 300)] as const])
}

function errorOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  throw new Error('nothing was thrown')
}
