import { type Batch, batchOf } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { ClusterBook } from './cluster-book.js'
import type { ClusterEntry } from './cluster-entry.js'

const startMs = 1_700_000_000_000

/** A book with a clock of its own, and pages that are scraped and sent there. */
class World {
  nowMs = startMs
  readonly book = new ClusterBook('cluster', () => this.nowMs)
  readonly #pages = new Map<string, Batch>()

  /** The next scrape of a page: the same list comes again as long as its number of series stays. */
  scrape(cluster: string, series: number, { timestampMs = this.nowMs, client = cluster } = {}): void {
    const key = `${cluster} ${series}`
    const page =
      this.#pages.get(key) ??
      batchOf(
        Array.from({ length: series }, (_, i) => ({ labels: { __name__: `m${i}`, cluster }, value: 1, timestampMs })),
        { kind: 'client', id: client },
      )
    this.#pages.set(key, page)
    this.book.add('receive', { origin: { kind: 'client', id: client }, columns: page.columns.map((one) => ({ ...one, timestampMs })) })
  }

  entry(cluster: string): ClusterEntry {
    return this.book.entries.find((entry) => entry.cluster === cluster)!
  }
}

describe('ClusterBook', () => {
  it('tells clusters apart by the label, and pipelines by their names', () => {
    const world = new World()
    world.scrape('a', 2)
    world.scrape('b', 3)
    world.book.add('scrape', batchOf([{ labels: { __name__: 'm' }, value: 1, timestampMs: 5 }], { kind: 'target', id: 'job x' }))
    expect(world.book.entries.map(({ pipeline, cluster, clients, newestMs }) => [pipeline, cluster, clients, newestMs])).toEqual([
      ['receive', 'a', ['a'], startMs],
      ['receive', 'b', ['b'], startMs],
      ['scrape', '', [], 5],
    ])
  })

  it('counts series that are scraped, not samples, also where a list is renewed', () => {
    const world = new World()
    for (let i = 0; i < 20; i++) {
      world.nowMs = startMs + i * 15_000
      world.scrape('a', i < 10 ? 100 : 90)
      expect(world.entry('a').activeSeries(world.nowMs)).toBe(i < 10 ? 100 : 90)
    }
    expect(world.entry('a').samplesPerSecond(world.nowMs)).toBeCloseTo(6)
    expect(world.entry('a').activeSeries(world.nowMs + 24_000)).toBe(90)
    expect(world.entry('a').activeSeries(world.nowMs + 25_000)).toBe(0)
  })

  it('takes a cluster for silent after three scrape intervals, however long these are', () => {
    const world = new World()
    world.scrape('a', 1)
    expect([world.entry('a').intervalMs, world.entry('a').silentAfterMs]).toEqual([undefined, 180_000])
    for (const [intervalMs, silentAfterMs] of [
      [15_000, 45_000],
      [1_000, 10_000],
    ] as const) {
      world.nowMs += intervalMs
      world.scrape('a', 1)
      expect(world.entry('a').silentAfterMs).toBe(silentAfterMs)
    }
    // It becomes longer: after some minutes what was is forgotten.
    for (let i = 0; i < 6; i++) {
      world.nowMs += 60_000
      world.scrape('a', 1)
    }
    expect(world.entry('a').silentAfterMs).toBe(180_000)
  })

  it('goes by timestamps for intervals, so that a gap that is filled says nothing new', () => {
    const world = new World()
    for (let i = 0; i < 10; i++) world.scrape('a', 1, { timestampMs: startMs - 100_000 + i * 10_000 })
    expect(world.entry('a')).toMatchObject({ intervalMs: 10_000, newestMs: startMs - 10_000, lastSeenMs: startMs })
    world.scrape('a', 1, { timestampMs: startMs - 100_000 })
    expect(world.entry('a')).toMatchObject({ intervalMs: 10_000, newestMs: startMs - 10_000 })
  })

  it('takes the newest of timestamps by row, each cluster its own', () => {
    const book = new ClusterBook('cluster', () => startMs)
    const samples = [
      ['a', 10],
      ['b', 30],
      ['a', 20],
    ] as const
    const batch = batchOf(
      samples.map(([cluster, timestampMs], i) => ({ labels: { __name__: 'm', cluster, i: `${i}` }, value: 1, timestampMs })),
    )
    book.add('receive', batch)
    expect(book.entries.map(({ cluster, newestMs }) => [cluster, newestMs])).toEqual([['a', 30]])
    book.add('receive', batch)
    expect(book.entries.map(({ cluster, newestMs }) => [cluster, newestMs])).toEqual([
      ['a', 30],
      ['b', 30],
    ])
  })

  it('keeps two hundred clusters, those that came last, and eight clients of each', () => {
    const world = new World()
    for (let i = 0; i < 250; i++) {
      world.nowMs = startMs + i
      world.scrape(`c${i}`, 1)
    }
    expect(world.book.entries).toHaveLength(200)
    expect(world.book.entries.map(({ cluster }) => cluster)).toContain('c249')
    expect(world.book.entries.map(({ cluster }) => cluster)).not.toContain('c49')
    for (let i = 0; i < 12; i++) world.scrape('c249', 1, { client: `10.0.0.${10 + i}` })
    expect(world.entry('c249').clients).toEqual(Array.from({ length: 8 }, (_, i) => `10.0.0.${14 + i}`))
  })
})
