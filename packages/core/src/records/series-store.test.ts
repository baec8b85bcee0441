import { expect, it } from 'vitest'
import { createLabels } from '../model/labels.js'
import type { MetricMetadata } from '../model/metadata.js'
import { SeriesStore } from './series-store.js'

function metadataOf(name: string): MetricMetadata {
  return { name, type: 'gauge', help: '', unit: '' }
}

it('makes lists of series that stood in any records', () => {
  const store = new SeriesStore()
  const [a, b] = [metadataOf('a'), metadataOf('b')]
  const labelsOf = (id: number): Uint8Array => createLabels({ __name__: id % 2 === 0 ? 'a' : 'b', id: String(id) }).bytes
  for (let id = 1000; id < 2000; id++) {
    const labels = labelsOf(id)
    store.addRecord(Buffer.concat([Buffer.from('before'), labels, Buffer.from('after')]))
    store.add(id, id % 2 === 0 ? a : b, { start: 6, end: 6 + labels.length })
  }
  expect([999, 1000, 1999, 2000].map((id) => store.has(id))).toEqual([false, true, true, false])
  const list = store.listOf(7, [1998, 1000, 1001, 1003, 1000], true)
  expect(list.automatic).toBe(true)
  expect(Array.from({ length: list.length }, (_, i) => list.at(i).labels.get('id'))).toEqual(['1998', '1000', '1001', '1003', '1000'])
  expect(list.families).toEqual([
    { metadata: a, end: 2 },
    { metadata: b, end: 4 },
    { metadata: a, end: 5 },
  ])
  expect(store.listOf(8, [], false).length).toBe(0)
  expect(() => store.listOf(9, [1000, 5], false)).toThrow('series 5 of list 9 is not in the dictionary')
})
