import { describe, expect, test } from 'vitest'
import { Ledger } from './ledger.js'
import { type ReceivedSample, Writer } from './writer.js'

/** A client that has sent so many numbers of two series, and had so many of them acknowledged; it sent 5 and 6 in vain. */
function clientOf({ sent, acknowledged }: { sent: number; acknowledged: number }): Writer {
  const writer = new Writer({ name: 'client', localAddress: '127.0.0.1', seriesCount: 2, padding: 3, random: () => 0 })
  writer.sent = sent
  writer.acknowledged = acknowledged
  writer.noteInVain({ from: 5, to: 6 })
  return writer
}

const writer = clientOf({ sent: 9, acknowledged: 8 })
const sample = (series: number, number: number): ReceivedSample => writer.sampleOf(series, number)

function numbers(series: number, ...all: readonly number[]): ReceivedSample[] {
  return all.map((number) => sample(series, number))
}

describe('a ledger', () => {
  test('is content with each number once, in the order of its series', () => {
    const ledger = new Ledger('target', [writer])
    ledger.take([...numbers(0, 1, 2, 3), ...numbers(1, 1)])
    ledger.take([...numbers(1, 2, 3, 4, 5, 6, 7, 8), ...numbers(0, 4, 5, 6, 7, 8)])
    ledger.noteMissing()
    expect({ ...countsOf(ledger), missing: ledger.missing }).toEqual({ samples: 16, duplicates: 0, violations: [], missing: 0 })
  })

  test('says what is lost', () => {
    const ledger = new Ledger('target', [writer])
    ledger.take([...numbers(0, 1, 2, 3, 4, 5, 6, 7, 8), ...numbers(1, 1, 2, 3, 4, 5, 6)])
    expect(ledger.missing).toBe(2)
    ledger.noteMissing()
    expect(ledger.violations).toEqual(['target: lost: client/1, numbers 7 to 8'])
  })

  test('says what comes too soon', () => {
    const ledger = new Ledger('target', [writer])
    ledger.take(numbers(0, 1, 3, 2))
    expect(ledger.violations).toEqual(['target: lost, or out of order: client/0, number 3 after 1'])
  })

  const altered: readonly (readonly [what: string, sample: ReceivedSample])[] = [
    ['a value', { ...sample(0, 1), value: 1 }],
    ['a timestamp', { ...sample(0, 1), timestampMs: sample(0, 2).timestampMs }],
    ['a label', { ...sample(0, 1), labels: { ...sample(0, 1).labels, pad: 'pp' } }],
    ['the name', { ...sample(0, 1), labels: { ...sample(0, 1).labels, __name__: 'other' } }],
    ['a label too many', { ...sample(0, 1), labels: { ...sample(0, 1).labels, more: '' } }],
    ['a series that is not there', { ...sample(0, 1), labels: { ...sample(0, 1).labels, series: '2' } }],
    ['a client that is not there', { ...sample(0, 1), labels: { ...sample(0, 1).labels, client: 'nobody' } }],
    ['a number that was never sent', sample(0, 10)],
  ]
  test.each(altered)('says what is altered: %s', (_, other) => {
    const ledger = new Ledger('target', [writer])
    ledger.take([other])
    expect(ledger.violations).toHaveLength(1)
    expect(ledger.samples).toBe(0)
  })

  test('lets come again what was not answered long before a kill', () => {
    const ledger = new Ledger('target', [writer])
    ledger.take(numbers(0, 1, 2))(1_000)
    ledger.take(numbers(0, 3))
    ledger.killed(2_999)
    ledger.take(numbers(0, 1, 2, 3))(4_000)
    expect(countsOf(ledger)).toEqual({ samples: 3, duplicates: 3, violations: [] })
    expect(ledger.inFlightAtKills).toBe(3)
  })

  test('says what comes again although it was settled, but for what the client sent again', () => {
    const ledger = new Ledger('target', [writer])
    ledger.take(numbers(0, 1, 2, 3, 4, 5))(1_000)
    ledger.take(numbers(0, 6))(1_001)
    ledger.killed(3_000)
    expect(ledger.inFlightAtKills).toBe(1)
    ledger.take(numbers(0, 4, 5, 6))
    expect(ledger.violations).toEqual(['target: sent again although settled: client/0, number 4 of 5 settled'])
  })

  test('lets each time that a client sent a number come until that is settled', () => {
    const ledger = new Ledger('target', [writer])
    ledger.take(numbers(0, 1, 2, 3, 4, 5, 6))(1_000)
    ledger.killed(3_000)
    // What the client sent again came twice without an answer that counts, and then with one.
    ledger.take(numbers(0, 5))
    ledger.take(numbers(0, 5))(3_500)
    ledger.killed(4_000)
    ledger.take(numbers(0, 5))(4_500)
    expect(ledger.violations).toEqual([])
    ledger.killed(7_000)
    ledger.take(numbers(0, 6))
    expect(ledger.violations).toEqual([])
    ledger.take(numbers(0, 5))
    expect(ledger.violations).toEqual(['target: sent again although settled: client/0, number 5 of 6 settled'])
  })
})

test('a number that was settled before its client sent it again has one more time', () => {
  const late = clientOf({ sent: 9, acknowledged: 8 })
  const ledger = new Ledger('target', [late])
  ledger.take([1, 2, 3].map((number) => late.sampleOf(0, number)))(1_000)
  ledger.killed(3_000)
  late.noteInVain({ from: 3, to: 3 })
  ledger.take([late.sampleOf(0, 3)])(4_000)
  ledger.killed(6_000)
  expect(ledger.violations).toEqual([])
  ledger.take([late.sampleOf(0, 3)])
  expect(ledger.violations).toEqual(['target: sent again although settled: client/0, number 3 of 3 settled'])
})

function countsOf({ samples, duplicates, violations }: Ledger): { samples: number; duplicates: number; violations: readonly string[] } {
  return { samples, duplicates, violations }
}
