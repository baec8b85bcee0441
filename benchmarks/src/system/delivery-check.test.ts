import { compress } from 'snappyjs'
import { describe, expect, test } from 'vitest'
import { writeRequestType } from '../write-message.js'
import { DeliveryCheck } from './delivery-check.js'
import { ServedPages } from './served-pages.js'

const pages = ['a 1\nb{x="y"} 2\n', 'a 2\nb{x="y"} 3\n', 'a 3\nc 4\n'].map((page) => Buffer.from(page))
const b = { x: 'y' }

type Series = readonly [name: string, value: number, timestampMs: number, labels?: Readonly<Record<string, string>>]

function body(...series: readonly Series[]): Uint8Array {
  const timeseries = series.map(([name, value, timestamp, labels]) => ({
    labels: Object.entries({ __name__: name, instance: 'host-0:9100', job: 'bench', ...labels }).map(([key, text]) => ({
      name: key,
      value: text,
    })),
    samples: [{ value, timestamp }],
  }))
  return compress(writeRequestType.encode({ timeseries }).finish())
}

function check(...bodies: readonly Uint8Array[]): ReturnType<DeliveryCheck['finish']> {
  const delivery = new DeliveryCheck(new ServedPages(pages))
  for (const one of bodies) delivery.add(one)
  return delivery.finish()
}

const first = [body(['a', 1, 10], ['up', 1, 10]), body(['b', 2, 10, b])]
const second = body(['a', 2, 20], ['b', 3, 20, b])
const third = body(['a', 3, 30], ['c', 4, 30], ['b', Number.NaN, 30, b])

describe('DeliveryCheck', () => {
  test('takes scrapes in several requests, automatic series and staleness markers', () => {
    expect(check(...first, second, third)).toEqual({ scrapedMs: [10, 20, 30], failed: 0, unseen: 0, inexact: 0, samples: 8 })
  })

  test('begins with any version, and goes round', () => {
    expect(check(third, body(['a', 1, 40], ['b', 2, 40, b])).scrapedMs).toEqual([30, 40])
  })

  test('does not count a last scrape that was cut off, nor the markers of an end', () => {
    expect(check(...first, body(['a', 2, 20])).scrapedMs).toEqual([10])
    expect(check(...first, body(['a', Number.NaN, 20])).scrapedMs).toEqual([10])
  })

  test('counts values that are off by the last bit', () => {
    expect(check(body(['a', 1 + Number.EPSILON, 10], ['b', 2, 10, b]))).toMatchObject({ scrapedMs: [10], inexact: 1 })
  })

  test('counts a version that did not arrive', () => {
    expect(check(...first, third)).toMatchObject({ scrapedMs: [10, 30], failed: 0, unseen: 1 })
  })

  test('counts a scrape that failed: markers or the automatic series alone, and the page that it was served is gone', () => {
    const failure = body(['a', Number.NaN, 20], ['b', Number.NaN, 20, b], ['up', 0, 20])
    expect(check(...first, failure, body(['a', 3, 30], ['c', 4, 30]))).toMatchObject({ scrapedMs: [10, 30], failed: 1, unseen: 1 })
    expect(check(body(['up', 0, 5]), ...first)).toMatchObject({ scrapedMs: [10], failed: 1, unseen: 0 })
  })

  test.each<[string, readonly Uint8Array[], string]>([
    [
      'a value',
      [body(['a', 1, 10], ['b', 9, 10, b]), second],
      'host-0:9100: a scrape is no version of the page: of version 0, 1 series differ, such as "b\\nx=y" is 9, on the page 2',
    ],
    ['values that are all wrong', [body(['a', 7, 10]), body(['a', 7, 20])], 'a scrape is no version of the page'],
    ['a sample that is missing', [...first, body(['a', 2, 20]), third], '1 series differ, such as "b\\nx=y" is NaN, on the page 3'],
    ['a sample that came twice', [...first, first[1]!], 'two samples of one series and time'],
    ['a series that no page has', [body(['d', 1, 10])], 'no page has this series'],
  ])('finds %s', (_, bodies, message) => {
    expect(() => check(...bodies)).toThrow(message)
  })
})
