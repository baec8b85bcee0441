import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { WriteReader, writeRequestType } from './write-message.js'

const label = (name: string, value: string) => ({ name, value })

test('samples have the labels of their series, which are one object as long as their bytes are the same', () => {
  const labels = [label('__name__', 'a'), label('path', '/ü')]
  const body = (...values: number[]) =>
    compress(
      writeRequestType
        .encode({
          timeseries: [
            { labels, samples: values.map((value, i) => ({ value, timestamp: 1_700_000_000_000 + i })) },
            { samples: [{ value: 9, timestamp: -1 }] },
          ],
        })
        .finish(),
    )
  const reader = new WriteReader()
  const [first, second, bare] = reader.samples(body(1.5, Number.NaN))
  const [again] = reader.samples(body(2))
  const pairs = [
    ['__name__', 'a'],
    ['path', '/ü'],
  ]
  expect(first).toEqual({ labels: pairs, value: 1.5, timestampMs: 1_700_000_000_000 })
  expect(second).toEqual({ labels: pairs, value: Number.NaN, timestampMs: 1_700_000_000_001 })
  expect(bare).toEqual({ labels: [], value: 9, timestampMs: -1 })
  expect(again?.labels).toBe(first?.labels)
})

test('labels are found wherever they stand', () => {
  // A time series with a sample between its labels: 1.0 at 7.
  const text = (name: string, value: string) => [0x0a, 6, 0x0a, 1, name.charCodeAt(0), 0x12, 1, value.charCodeAt(0)]
  const sample = [0x12, 11, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 7]
  const series = [...text('a', 'b'), ...sample, ...text('c', 'd')]
  const body = compress(Uint8Array.from([0x0a, series.length, ...series]))
  expect([...new WriteReader().samples(body)]).toEqual([
    {
      labels: [
        ['a', 'b'],
        ['c', 'd'],
      ],
      value: 1,
      timestampMs: 7,
    },
  ])
})
