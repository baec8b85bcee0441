import { expect, test } from 'vitest'
import { packLabels } from '../../model/labels.js'
import { unknownMetadata } from '../../model/metadata.js'
import { type PackedSeriesList, PackedSeriesListBuilder } from '../../model/packed-series-list.js'
import { KnownSegment } from './known-segment.js'
import { RecentLists } from './recent-lists.js'

const metadata = unknownMetadata('a')
const noLines = { count: 0, bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), marks: new Int32Array(0) }

/** A list of `length` series that no list of another number has. */
function listOf(number: number, length: number): PackedSeriesList {
  const builder = new PackedSeriesListBuilder()
  for (let i = 0; i < length; i++) {
    const { bytes } = packLabels([
      ['__name__', 'a'],
      ['list', String(number)],
      ['row', String(i)],
    ])
    builder.add(metadata, { bytes, start: 0, end: bytes.length })
  }
  return builder.build()
}

function segmentOf(list: PackedSeriesList): KnownSegment {
  const said = { typeBefore: 'unknown', events: [], checks: [] } as const
  const content = { text: noLines, list, hashes: new Int32Array(list.length), firstGroup: 0, lastGroup: 0, whole: true, ...said }
  return new KnownSegment(content, true)
}

/** Shows pages of one list each, by their numbers, and says for each whether its list was known. */
function show(recent: RecentLists, numbers: readonly number[], length: number): boolean[] {
  return numbers.map((number, page) => {
    const list = listOf(number, length)
    const known = recent.intern(list, Int32Array.of(number), page + 1)
    recent.sweep(page + 1, [segmentOf(known)])
    return known !== list
  })
}

test('a list that comes back is the one that went, however often it does', () => {
  const known = show(
    new RecentLists(),
    Array.from({ length: 30 }, (_, page) => page % 3),
    400,
  )
  expect(known).toEqual(known.map((_, page) => page >= 3))
})

test('lists that went are forgotten where they have more series than the page and a thousand', () => {
  // The fourth page of 600 series leaves 1,800 behind.
  expect(show(new RecentLists(), [1, 2, 3, 1], 600)).toEqual([false, false, false, true])
  expect(show(new RecentLists(), [1, 2, 3, 4, 1], 600)).toEqual([false, false, false, false, false])
})

test('a list that was away for ten pages is forgotten', () => {
  const away = (pages: number): boolean | undefined => show(new RecentLists(), [1, ...Array<number>(pages).fill(2), 1], 4).at(-1)
  expect([away(9), away(30)]).toEqual([true, false])
})
