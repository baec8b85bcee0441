import { createLabels, SeriesTable, unknownMetadata } from '@promline/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EnforcedLabels } from './enforced-labels.js'

type Pairs = Record<string, string>
const enforced: Pairs = { cluster: 'a', environment: 'production' }
const cases: [sent: Pairs, replaced: boolean][] = [
  [{ __name__: 'm' }, false],
  [{}, false],
  [{ __name__: 'm', cluster: 'a', environment: 'production' }, false],
  [{ __name__: 'm', cluster: 'b', environment: 'production' }, true],
  [{ __name__: 'm', cluster: 'aa' }, true],
  [{ __name__: 'm', cluste: 'b', clusters: 'b', zone: 'z' }, false],
  [{ __name__: 'm', environment: '' }, false],
  [{ Cluster: 'b', a: 'x', 'cluster\0': 'b' }, false],
  [{ environment: 'é', über: 'ß', '\u{1F600}': '\uFFFD' }, true],
]
test.each(cases)('%j', (sent, replaced) => {
  const joiner = new EnforcedLabels(createLabels(enforced))
  expect(joiner.join(createLabels(sent)).toObject()).toEqual(createLabels({ ...sent, ...enforced }).toObject())
  expect(joiner.replaced).toBe(replaced)
})

test('gives labels back that have them already', () => {
  const joiner = new EnforcedLabels(createLabels(enforced))
  const labels = createLabels({ __name__: 'm', ...enforced })
  expect(joiner.join(labels)).toBe(labels)
})

test('says what is in conflict', () => {
  const joiner = new EnforcedLabels(createLabels(enforced))
  expect(joiner.conflictsIn(createLabels({ cluster: 'b', environment: 'production', job: 'j' }))).toEqual([
    { name: 'cluster', said: 'b', enforced: 'a' },
  ])
})

test('what fills the room exactly is kept apart from what comes next', () => {
  const joiner = new EnforcedLabels(createLabels({ a: 'b' }))
  const table = new SeriesTable()
  for (let length = 1000; length < 1030; length++) {
    const sent = { x: 'y'.repeat(length) }
    const { labels } = table.intern(joiner.join(createLabels(sent)), unknownMetadata(''), 0)
    joiner.join(createLabels({ x: 'z'.repeat(length) }))
    expect(labels.toObject()).toEqual(createLabels({ a: 'b', ...sent }).toObject())
  }
})

const labelSet = fc.dictionary(
  fc.oneof(fc.constantFrom('a', 'b', 'c', 'le', 'é'), fc.string({ minLength: 1, unit: 'grapheme' })),
  fc.string({ unit: 'grapheme' }),
  {
    maxKeys: 12,
  },
)

test('joins like a spread, in canonical bytes, whatever comes one after the other', () => {
  fc.assert(
    fc.property(labelSet, fc.array(labelSet, { minLength: 1 }), (own, all) => {
      const joiner = new EnforcedLabels(createLabels(own))
      const table = new SeriesTable()
      // Interned, as they are used: what is kept must not change with the next.
      const kept = all.map((sent) => table.intern(joiner.join(createLabels(sent)), unknownMetadata(''), 0).labels)
      const set = createLabels(own).toObject()
      expect(kept.map((labels) => labels.bytes)).toEqual(all.map((sent) => createLabels({ ...sent, ...set }).bytes))
    }),
  )
})
