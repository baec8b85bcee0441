import { describe, expect, it } from 'vitest'
import { type PackedSeriesList, PackedSeriesListBuilder, packedOf } from '../model/packed-series-list.js'
import type { SeriesList } from '../model/series-list.js'
import { ListInterner } from './list-interner.js'
import { listOf } from '../spool/testdata/batches.js'

/** Rows of the same content under another identity. */
function copyOf(list: SeriesList, options: { from?: number; automatic?: boolean; help?: string } = {}): PackedSeriesList {
  const builder = new PackedSeriesListBuilder()
  for (let i = options.from ?? 0; i < list.length; i++) {
    const { labels, metadata } = list.at(i)
    const described = { ...metadata, help: options.help ?? metadata.help }
    builder.add(described, { bytes: labels.bytes, start: 0, end: labels.bytes.length })
  }
  return builder.build({ automatic: options.automatic ?? false })
}

describe('the interner', () => {
  it.each([
    ['of objects', (list: SeriesList) => list],
    ['packed', (list: SeriesList) => packedOf(list)],
  ])('gives lists of equal content one identity, and prefers the one that is appended (%s)', (_, kindOf) => {
    const interner = new ListInterner()
    const live = kindOf(listOf('interned', 10))
    interner.adopt(live, packedOf(live))
    interner.adopt(live, packedOf(live))
    interner.adopt(copyOf(live), copyOf(live))
    expect(interner.intern(copyOf(live))).toBe(live)
    for (const options of [{ automatic: true }, { from: 1 }, { help: 'other' }]) {
      const other = copyOf(live, options)
      expect(interner.intern(other)).toBe(other)
      expect(interner.intern(copyOf(live, options))).toBe(other)
    }
  })

  it('keeps metadata while there are readers', () => {
    const interner = new ListInterner()
    const described = { name: 'a', type: 'gauge', help: '', unit: '' } as const
    interner.beginReading()
    const metadata = interner.metadata(described)
    interner.beginReading()
    interner.endReading()
    expect(interner.metadata({ ...described })).toBe(metadata)
    interner.endReading()
    expect(interner.metadata({ ...described })).not.toBe(metadata)
  })
})
