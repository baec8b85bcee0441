import { describe, expect, it } from 'vitest'
import { createLabels } from './labels.js'
import { MetadataTable } from './metadata.js'
import { groupHash, type Series } from './series.js'
import { SeriesListTable } from './series-list.js'
import { SeriesTable } from './series-table.js'

const metadata = new MetadataTable()

function gauges(table: SeriesTable, count: number): Series[] {
  const family = metadata.intern({ name: 'load', type: 'gauge', help: '', unit: '' })
  return Array.from({ length: count }, (_, i) => table.intern(createLabels({ __name__: 'load', cpu: String(i) }), family, 0))
}

function histogram(table: SeriesTable, path: string, buckets: number): Series[] {
  const family = metadata.intern({ name: 'seconds', type: 'histogram', help: '', unit: '' })
  const names = Array.from({ length: buckets }, (_, i): Record<string, string> => ({ __name__: 'seconds_bucket', le: String(i), path }))
  return [...names, { __name__: 'seconds_sum', path }, { __name__: 'seconds_count', path }].map((labels) =>
    table.intern(createLabels(labels), family, 0),
  )
}

describe('SeriesTable', () => {
  it('interns by labels and metadata', () => {
    const table = new SeriesTable()
    const [a] = gauges(table, 1)
    const [b] = gauges(table, 1)
    expect(a).toBe(b)
    const other = table.intern(a!.labels, metadata.intern({ name: 'load', type: 'counter', help: '', unit: '' }), 0)
    expect(other).not.toBe(a)
    expect(table.size).toBe(2)
  })

  it('lets go of what was idle, and of nothing else', () => {
    const table = new SeriesTable({ maxIdleMs: 100 })
    const [first, second] = gauges(table, 2)
    table.intern(first!.labels, first!.metadata, 90)
    expect(table.sweep(100)).toBe(1)
    expect(table.size).toBe(1)
    expect(table.intern(first!.labels, first!.metadata, 101)).toBe(first)
    expect(table.intern(second!.labels, second!.metadata, 101)).not.toBe(second)
  })
})

describe('SeriesListTable', () => {
  it('gives the same list for the same series', () => {
    const series = gauges(new SeriesTable(), 10)
    const lists = new SeriesListTable()
    expect(lists.intern(series, 0)).toBe(lists.intern([...series], 0))
    expect(lists.intern(series, 0, { automatic: true })).not.toBe(lists.intern(series, 0))
    expect(lists.intern(series, 0, { automatic: true }).automatic).toBe(true)
  })

  it('cuts a page into lists of about 256, all series in order', () => {
    const series = gauges(new SeriesTable(), 10_000)
    const runs = new SeriesListTable().cut(series, 0)
    expect(runs.flatMap((run) => Array.from({ length: run.list.length }, (_, i) => run.list.at(i)))).toEqual(series)
    expect(runs.length).toBeGreaterThan(20)
    expect(Math.max(...runs.map((run) => run.list.length))).toBeLessThanOrEqual(1024)
  })

  it('renews one list when a series comes or goes', () => {
    const series = gauges(new SeriesTable(), 10_000)
    const lists = new SeriesListTable()
    const before = new Set(lists.cut(series, 0).map((run) => run.list))
    for (const change of [series.toSpliced(5_000, 1), series.toSpliced(7_000, 0, ...histogram(new SeriesTable(), '/', 3))]) {
      const renewed = lists.cut(change, 0).filter((run) => !before.has(run.list))
      expect(renewed.length).toBeLessThanOrEqual(3)
    }
  })

  it('never cuts a histogram', () => {
    const table = new SeriesTable()
    const series = Array.from({ length: 600 }, (_, i) => histogram(table, `/${i}`, i === 300 ? 3_000 : 12)).flat()
    for (const run of new SeriesListTable().cut(series, 0)) {
      const before = series[run.start - 1]
      if (before !== undefined) expect(groupHash(before)).not.toBe(groupHash(series[run.start]!))
    }
  })

  it('hashes a bucket, its sum and its count alike', () => {
    const hashes = histogram(new SeriesTable(), '/a', 4).map(groupHash)
    expect(new Set(hashes).size).toBe(1)
    expect(groupHash(histogram(new SeriesTable(), '/b', 1)[0]!)).not.toBe(hashes[0])
  })
})
