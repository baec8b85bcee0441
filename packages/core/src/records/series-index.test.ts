import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packedOf } from '../model/packed-series-list.js'
import { createSeriesList, type SeriesList } from '../model/series-list.js'
import { SeriesIndex, seriesIdAt, type ListPlace } from './series-index.js'
import { seriesOf } from '../spool/testdata/batches.js'

/** An index, and what it gave to the lists that were added. */
class Harness {
  readonly index = new SeriesIndex()
  readonly #lists: SeriesList[] = []
  nextId = 1

  /** Adds a list and returns the ids of its series. */
  add(list: SeriesList): number[] {
    this.#lists.push(list)
    return idsOf(this.place(list))
  }

  place(list: SeriesList): ListPlace {
    const packed = packedOf(list)
    const place = this.index.begin(list, packed)
    for (let i = 0; i < list.length; i++) if (this.index.take(i, this.nextId) === this.nextId) this.nextId++
    this.index.finish()
    return place
  }
}

function idsOf(place: ListPlace): number[] {
  return Array.from({ length: place.length }, (_, i) => seriesIdAt(place, i))
}

/** A list of series by their numbers; every seventh family says something else. */
function numbered(numbers: readonly number[], packed = false): SeriesList {
  const list = createSeriesList(numbers.map((n) => seriesOf(`family_${n % 3}`, { n: String(n) }, { help: n % 7 === 0 ? 'zero' : 'other' })))
  return packed ? packedOf(list) : list
}

describe('the index of series', () => {
  it('gives what is new the free ids, and what is known the ids that it has', () => {
    const harness = new Harness()
    expect(harness.add(numbered([1, 2, 3]))).toEqual([1, 2, 3])
    expect(harness.add(numbered([4, 5], true))).toEqual([4, 5])
    expect(harness.add(numbered([3, 6, 4, 7], true))).toEqual([3, 6, 4, 7])
    expect(harness.add(numbered([]))).toEqual([])
    expect(harness.add(numbered([8, 8, 1]))).toEqual([8, 8, 1])
  })

  it('needs no memory for ids that follow one another', () => {
    const harness = new Harness()
    expect(harness.place(numbered([1, 2, 3])).ids).toBeUndefined()
    expect(harness.place(numbered([2, 3])).ids).toBeUndefined()
    expect(harness.place(numbered([3, 4])).ids).toBeUndefined()
    expect(harness.place(numbered([4, 3])).ids).toEqual(Int32Array.of(4, 3))
  })

  it('tells series of the same labels apart by what is said of them', () => {
    const harness = new Harness()
    const one = createSeriesList([seriesOf('same', {}, { help: 'one' })])
    const other = createSeriesList([seriesOf('same', {}, { help: 'other' })])
    expect(harness.add(one)).toEqual([1])
    expect(harness.add(other)).toEqual([2])
    expect(harness.add(packedOf(one))).toEqual([1])
  })

  it('forgets what it is told to, and what only that had', () => {
    const harness = new Harness()
    const kept = numbered([1, 2, 3])
    harness.add(kept)
    const { end } = harness.index
    harness.add(numbered([2, 4]))
    harness.index.truncate(end)
    const [one, two, three, four] = harness.add(numbered([1, 2, 3, 4]))
    expect([one, three]).toEqual([1, 3])
    expect(two).toBeGreaterThan(4)
    expect(four).toBeGreaterThan(4)
  })

  it('agrees with a map, whatever lists come', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(fc.nat(3000), { maxLength: 400 }), fc.boolean()), { maxLength: 20 }), (lists) => {
        const harness = new Harness()
        const known = new Map<number, number>()
        for (const [numbers, packed] of lists) {
          const ids = harness.add(numbered(numbers, packed))
          for (const [i, n] of numbers.entries()) {
            expect(ids[i]).toBe(known.get(n) ?? ids[i])
            known.set(n, ids[i]!)
          }
        }
        expect(new Set(known.values()).size).toBe(known.size)
      }),
      { numRuns: 50 },
    )
  })
})
