import { expect, test } from 'vitest'
import { SegmentTable } from './segment-table.js'

test('places have numbers, of which each says whose it is', () => {
  const table = new SegmentTable<{ name: string }>()
  const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
  const places = [0, 1, 1023, 1024, 5000]
  const numbers = [a, b].map((segment) => places.map((place) => table.numberOf(segment, place)))
  expect(new Set(numbers.flat()).size).toBe(2 * places.length)
  numbers.forEach((ofSegment, i) => {
    expect(ofSegment.map((number) => table.segmentOf(number))).toEqual(places.map(() => [a, b][i]))
    expect(ofSegment.map((number) => table.placeOf(number))).toEqual(places)
  })
  table.transfer(a, c)
  expect([table.has(a), table.has(c), table.segmentOf(numbers[0]![4]!).name]).toEqual([false, true, 'c'])
  expect(table.numberOf(c, 5000)).toBe(numbers[0]![4])
})

test('numbers that were released are given again', () => {
  const table = new SegmentTable<object>()
  const [a, b] = [{}, {}]
  const number = table.numberOf(a, 3)
  table.release(a)
  table.release(a)
  expect([table.has(a), table.numberOf(b, 3), table.segmentOf(number) === b]).toEqual([false, number, true])
})
