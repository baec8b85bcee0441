import { type Batch, createLabels, type MetricMetadata, samplesOf, type Series, SeriesTable, unknownMetadata } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TimeSeries } from '../message/write-request.js'
import { decodeWriteRequest } from '../v1/decode.js'
import { encodeWriteRequest } from '../v1/encode.js'
import { ClientSeries } from './client-series.js'
import { EnforcedLabels } from './enforced-labels.js'
import { KnownSeries } from './known-series.js'
import { batchOfRequest } from './to-batch.js'

const origin = { kind: 'client', id: 'test' } as const
const enforced = createLabels({ cluster: 'a' })

/** One field of a message: its tag, its length, its bytes. */
function field(number: number, bytes: Uint8Array): Buffer {
  const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7]
  return Buffer.concat([Uint8Array.of((number << 3) | 2, ...length), bytes])
}

function label(name: string, value: string): Buffer {
  return field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]))
}

/** A sample of value 0 at 5. */
const sample = field(2, Uint8Array.of(0x10, 5))

/** A message of entries, each of these fields. */
function messageOf(...entries: readonly (readonly Buffer[])[]): Buffer {
  return Buffer.concat(entries.map((fields) => field(1, Buffer.concat(fields))))
}

/** What a receiver makes of one message after the other, by the bytes of labels and without. */
function pair(options: { enforced?: boolean } = {}) {
  const labels = options.enforced === true ? new EnforcedLabels(enforced) : undefined
  const [fast, plain] = [
    new ClientSeries(0, labels),
    new ClientSeries(0, options.enforced === true ? new EnforcedLabels(enforced) : undefined),
  ]
  let nowMs = 0
  return {
    fast,
    plain,
    take: (message: Uint8Array, afterMs = 1000) => {
      nowMs += afterMs
      for (const client of [fast, plain]) client.sweep(nowMs)
      return [outcome(() => batchOf(message, fast, true)), outcome(() => batchOf(message, plain, false))] as const
    },
  }
}

function batchOf(message: Uint8Array, client: ClientSeries, isFast: boolean): Batch {
  return batchOfRequest(decodeWriteRequest(message, {}, isFast ? client.known : undefined), origin, client)
}

function outcome(make: () => Batch): unknown {
  try {
    const batch = make()
    return {
      kinds: batch.columns.map(({ kind, series }) => `${kind} of ${series.length}`),
      samples: [...samplesOf(batch)].map(({ labels, ...sample }) => ({ ...sample, labels: labels.toObject() })),
    }
  } catch (error) {
    return String(error)
  }
}

function counted(message: Uint8Array, client: ClientSeries): readonly (string | undefined)[] {
  return decodeWriteRequest(message, {}, client.known).series.map(({ known }) => known?.labels.get('__name__'))
}

describe('a series is known by the bytes of its labels', () => {
  const a = [label('__name__', 'a'), label('x', '1')]
  const b = [label('__name__', 'b'), label('x', '1')]

  it('from the second time on, in any order', () => {
    const client = new ClientSeries(0)
    const messages = [messageOf([...a, sample], [...b, sample]), messageOf([...b, sample], [...a, sample], [...a, sample])]
    expect(counted(messages[0]!, client)).toEqual([undefined, undefined])
    batchOf(messages[0]!, client, true)
    expect(messages.map((message) => counted(message, client))).toEqual([
      ['a', 'b'],
      ['b', 'a', 'a'],
    ])
  })

  const other: readonly [name: string, entry: readonly Buffer[]][] = [
    ['further labels follow', [...a, label('y', '2'), sample]],
    ['labels are missing', [a[0]!, sample]],
    ['they stand in another order', [a[1]!, a[0]!, sample]],
    ['labels stand behind the sample', [...a, sample, label('y', '2')]],
    ['a label stands behind the sample, the same one', [...a, sample, label('x', '1')]],
    ['the value is longer', [a[0]!, label('x', '12'), sample]],
    ['there is no sample', a],
    ['a label has a wrong wire type behind them', [...a, sample, Buffer.from([0x08, 1])]],
    ['a label is cut off', [...a, Buffer.from([0x0a, 9, 0x0a])]],
    ['the tag of a label is written in two bytes', [...a, Buffer.from([0x8a, 0x00, 0x00]), sample]],
    ['the sample has no time', [...a, field(2, new Uint8Array(0))]],
    ['nothing is there', []],
  ]
  it.each(other)('and read like any other where %s', (_name, entry) => {
    const { take } = pair()
    take(messageOf([...a, sample], [...b, sample]))
    take(messageOf([...a, sample], [...b, sample]))
    for (const message of [messageOf(entry), messageOf([...a, sample], entry, [...b, sample])]) {
      const [fast, plain] = take(message)
      expect(fast).toEqual(plain)
    }
  })

  it('anew, once its family was described', () => {
    const { fast, take } = pair()
    const message = messageOf([...a, sample])
    take(message)
    const described: MetricMetadata = { name: 'a', type: 'gauge', help: 'A.', unit: '' }
    const [now, plain] = take(Buffer.concat([message, encodeWriteRequest({ series: [], metadata: [described] }).bytes]))
    expect(now).toEqual(plain)
    expect(counted(message, fast)).toEqual([undefined])
    take(message)
    expect(counted(message, fast)).toEqual(['a'])
    expect(decodeWriteRequest(message, {}, fast.known).series[0]?.known?.metadata).toMatchObject({ type: 'gauge' })
  })

  it('with the labels that are enforced, and not where it says others: that is counted every time', () => {
    const { fast, take } = pair({ enforced: true })
    const honest = messageOf([...a, sample])
    const forged = messageOf([label('__name__', 'a'), label('cluster', 'b'), label('x', '1'), sample])
    for (let times = 0; times < 3; times++) {
      for (const message of [honest, forged]) {
        const [now, plain] = take(message)
        expect(now).toEqual(plain)
      }
    }
    expect([fast.replaced, fast.size]).toEqual([3, 1])
    expect([counted(honest, fast), counted(forged, fast)]).toEqual([['a'], [undefined]])
  })

  it('until it is swept', () => {
    const { fast, take } = pair()
    take(messageOf([...a, sample], [...b, sample]))
    for (let minute = 0; minute < 9; minute++) take(messageOf([...b, sample]), 60_000)
    expect(fast.known.size).toBe(2)
    take(messageOf([...b, sample]), 120_000)
    expect([fast.known.size, fast.size, counted(messageOf([...a, sample], [...b, sample]), fast)]).toEqual([1, 1, [undefined, 'b']])
  })
})

describe('memory', () => {
  const table = new SeriesTable()
  const seriesOf = (name: string): Series => table.intern(createLabels({ __name__: name }), unknownMetadata(name), 0)

  it('is bounded: what has no room is not known', () => {
    const known = new KnownSeries(64 * 1024)
    for (let i = 0; i < 1000; i++) known.add(Buffer.alloc(100, `${i}`.padStart(100, '-')), seriesOf(`m${i}`))
    expect(known.size).toBe(655)
  })

  it.each([0, 16 * 1024 + 1])('is not spent on labels of %i bytes', (length) => {
    const known = new KnownSeries()
    known.add(Buffer.alloc(length), seriesOf('m'))
    expect(known.size).toBe(0)
  })

  it('is not spent twice on the same bytes', () => {
    const known = new KnownSeries()
    for (let times = 0; times < 2; times++) known.add(Buffer.from('labels'), seriesOf('m'))
    expect(known.size).toBe(1)
  })
})

const names = fc.constantFrom('a', 'b', 'c_total', 'd_bucket', 'é')
const values = fc.oneof(fc.constantFrom('', '1', '2'), fc.string({ maxLength: 200 }))
const entries: fc.Arbitrary<TimeSeries> = fc.record({
  labels: fc
    .tuple(names, fc.dictionary(fc.constantFrom('x', 'y', 'cluster'), values, { noNullPrototype: true }))
    .map(([name, pairs]) => createLabels({ __name__: name, ...pairs })),
  samples: fc.array(
    fc.record({ value: fc.double({ noNaN: true }), stale: fc.constant(false), timestampMs: fc.integer({ min: 0, max: 3 }) }),
    { maxLength: 3 },
  ),
  exemplars: fc.array(fc.record({ labels: fc.constant(createLabels({ id: '1' })), value: fc.constant(1), timestampMs: fc.constant(1) }), {
    maxLength: 1,
  }),
  histograms: fc.constant([]),
})
const families = fc.record({
  name: fc.constantFrom('a', 'c', 'd'),
  type: fc.constantFrom<MetricMetadata['type']>('gauge', 'counter', 'histogram'),
  help: fc.constantFrom('', 'Help.'),
  unit: fc.constant(''),
})
const requests = fc.record({ series: fc.array(entries, { maxLength: 12 }), metadata: fc.array(families, { maxLength: 1 }) })
/** Messages of a few requests again and again, some with a bit turned over, and minutes between them now and then. */
const traffic = fc.tuple(fc.array(requests, { minLength: 1, maxLength: 3 }), fc.boolean()).chain(([few, isEnforced]) =>
  fc.record({
    few: fc.constant(few),
    isEnforced: fc.constant(isEnforced),
    sent: fc.array(
      fc.record({
        which: fc.nat(few.length - 1),
        damage: fc.option(fc.tuple(fc.nat(), fc.nat(7)), { freq: 5 }),
        afterMs: fc.constantFrom(1000, 1000, 1000, 400_000),
      }),
      { maxLength: 12 },
    ),
  }),
)

describe('with the same messages, a client whose series are known and one whose are not', () => {
  // PROMLINE_PROPERTY_RUNS asks for longer runs.
  const numRuns = Number(process.env['PROMLINE_PROPERTY_RUNS'] ?? 300)
  it('give the same batches, or the same errors', () => {
    fc.assert(
      fc.property(traffic, ({ few, isEnforced, sent }) => {
        const { fast, plain, take } = pair({ enforced: isEnforced })
        for (const { which, damage, afterMs } of sent) {
          const message = Buffer.from(encodeWriteRequest(few[which]!).bytes)
          if (damage !== null && message.length > 0) message[damage[0] % message.length]! ^= 1 << damage[1]
          const [now, before] = take(message, afterMs)
          expect(now).toEqual(before)
        }
        expect([fast.size, fast.replaced]).toEqual([plain.size, plain.replaced])
      }),
      { numRuns },
    )
  })
})
