import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLabels } from '../model/labels.js'
import { LabelsMap } from './labels-map.js'

const labelsOf = (i: number) => createLabels({ i: String(i) })

test('finds by content, prunes and clears', () => {
  const map = new LabelsMap<number>()
  for (let i = 0; i < 1000; i++) map.add(labelsOf(i), i)
  expect(map.size).toBe(1000)
  expect(map.get(labelsOf(7))).toBe(7)
  expect(map.get(labelsOf(1000))).toBeUndefined()
  map.prune((value) => value % 2 === 0)
  expect([map.size, map.get(labelsOf(7)), map.get(labelsOf(8))]).toEqual([500, undefined, 8])
  map.clear()
  expect([map.size, map.get(labelsOf(8))]).toEqual([0, undefined])
})

test('holds for any values', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.string({ minLength: 1 }).filter((text) => text.isWellFormed()),
        { maxLength: 50 },
      ),
      (values) => {
        const map = new LabelsMap<string>()
        for (const value of values) map.add(createLabels({ value }), value)
        map.prune((value) => value.length > 1)
        for (const value of values) expect(map.get(createLabels({ value }))).toBe(value.length > 1 ? value : undefined)
      },
    ),
  )
})
