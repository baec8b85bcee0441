import { batchOf, createLabels, type SeriesList } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { ListShares } from './list-shares.js'

function listOf(...clusters: readonly (string | undefined)[]): SeriesList {
  const samples = clusters.map((cluster, i) => ({ labels: { __name__: 'a', i: `${i}`, ...(cluster !== undefined && { cluster }) } }))
  return batchOf(samples.map((sample) => ({ ...sample, value: 1, timestampMs: 1 }))).columns[0]!.series
}

function firstOf(labels: Readonly<Record<string, string>>): string {
  return Buffer.from(createLabels({ __name__: 'a', ...labels }).bytes).toString('latin1')
}

const [x0, y1] = [firstOf({ i: '0', cluster: 'x' }), firstOf({ i: '1', cluster: 'y' })]

describe('the shares of a list', () => {
  it('are those of its first row at first, and those of each row when it comes again', () => {
    const shares = new ListShares('cluster')
    const list = listOf('x', 'y', 'x')
    expect(shares.of(list)).toEqual([{ cluster: 'x', first: x0, count: 3 }])
    const divided = [
      { cluster: 'x', first: x0, count: 2, rows: [0, 2] },
      { cluster: 'y', first: y1, count: 1, rows: [1] },
    ]
    expect(shares.of(list)).toEqual(divided)
    expect(shares.of(list)).toEqual(divided)
  })

  it('of one cluster have no rows', () => {
    const shares = new ListShares('cluster')
    const list = listOf('x', 'x')
    for (let i = 0; i < 3; i++) expect(shares.of(list)).toEqual([{ cluster: 'x', first: x0, count: 2 }])
  })

  it('without the label are of none', () => {
    const shares = new ListShares('cluster')
    const list = listOf(undefined)
    for (let i = 0; i < 2; i++) expect(shares.of(list)).toEqual([{ cluster: '', first: firstOf({ i: '0' }), count: 1 }])
  })

  it('are found out over several batches where these are large', () => {
    const shares = new ListShares('cluster')
    const series = listOf('x', 'y')
    const lists = Array.from({ length: 12 }, (): SeriesList => ({ length: 1_000, at: (i) => series.at(i === 500 ? 1 : 0) }))
    const exact = (): number => {
      shares.begin()
      return lists.filter((list) => shares.of(list).length === 2).length
    }
    expect([exact(), exact(), exact()]).toEqual([0, 10, 12])
  })

  it('of an empty list are none', () => {
    const shares = new ListShares('cluster')
    const list: SeriesList = {
      length: 0,
      at: () => {
        throw new Error('there is no row')
      },
    }
    for (let i = 0; i < 2; i++) expect(shares.of(list)).toEqual([])
  })
})
