import { describe, expect, it } from 'vitest'
import { createLabels } from '../model/labels.js'
import type { Series } from '../model/series.js'
import { createSeriesList } from '../model/series-list.js'
import { ListInterner } from './list-interner.js'
import { listOf } from './testdata/batches.js'

/** The same content under another identity. */
function copyOf(series: Series): Series {
  return { labels: createLabels(series.labels.toObject()), metadata: { ...series.metadata } }
}

describe('the interner', () => {
  it('gives lists of equal content one identity, and prefers the one that is appended', () => {
    const interner = new ListInterner()
    const live = listOf('interned', 10)
    interner.adopt(live)
    const copies = Array.from({ length: 10 }, (_, i) => copyOf(live.at(i)))
    expect(interner.listOf(copies, false)).toBe(live)
    expect(interner.listOf(copies, true)).not.toBe(live)
    expect(interner.listOf(copies.slice(1), false)).not.toBe(live)
    const other = createSeriesList([{ ...copies[0]!, metadata: { ...copies[0]!.metadata, help: 'other' } }])
    expect(interner.intern(other)).toBe(other)
    expect(interner.intern(createSeriesList([copies[0]!]))).not.toBe(other)
  })

  it('keeps series while readers meet them, and lets go of them afterwards', () => {
    const interner = new ListInterner()
    const labels = createLabels({ __name__: 'a' })
    const metadata = interner.metadata({ name: 'a', type: 'gauge', help: '', unit: '' })
    interner.beginReading()
    const series = interner.series(labels, metadata)
    interner.beginReading()
    expect(interner.series(createLabels({ __name__: 'a' }), interner.metadata({ ...metadata }))).toBe(series)
    for (let i = 0; i < 5; i++) interner.beginReading()
    expect(interner.series(labels, metadata)).not.toBe(series)
    for (let i = 0; i < 7; i++) interner.endReading()
    expect(interner.metadata({ ...metadata })).not.toBe(metadata)
  })
})
