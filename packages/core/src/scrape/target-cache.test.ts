import { describe, expect, test } from 'vitest'
import { createLabels } from '../model/labels.js'
import { unknownMetadata } from '../model/metadata.js'
import { TargetCache } from './target-cache.js'

const metadata = unknownMetadata('m')
const exposed = (x: string) => ({ labels: createLabels({ __name__: 'm', x }), emptyLabels: undefined, metadata })

/** Shows a page of lines, as a scrape does. */
function show(cache: TargetCache, lines: readonly string[], good = true) {
  const page = cache.beginPage()
  const known = lines.flatMap((x) => cache.resolve(exposed(x)).known ?? [])
  for (const one of known) {
    one.page = page
    one.trackedPage = page
  }
  const runs = cache.cut(known.map(({ series }) => series))
  if (good) cache.commit(known.map((one) => ({ known: one, series: one.series })))
  cache.endPage({ good, empty: lines.length === 0, series: known.length, added: good ? 0 : known.length })
  return { known, lists: runs.map(({ list }) => list) }
}

const numbered = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

test('a line is relabelled once', () => {
  let calls = 0
  const cache = new TargetCache((labels) => {
    calls++
    return labels
  })
  for (let i = 0; i < 3; i++) show(cache, ['a', 'b'])
  expect(calls).toBe(2)
  cache.setMutator((labels) => {
    calls++
    return labels
  })
  expect(calls).toBe(2)
  cache.beginPage()
  const before = cache.resolve(exposed('a'))
  expect([calls, before]).toEqual([3, cache.resolve(exposed('a'))])
})

describe('memory stays bounded', () => {
  const steady = numbered(500, 's')

  test.each([true, false])('where every page shows new lines (pages that succeed: %s)', (good) => {
    const cache = new TargetCache((labels) => labels)
    show(cache, steady)
    for (let i = 0; i < 50; i++) {
      show(cache, numbered(500, `${i}-`), good)
      expect(cache.size).toBeLessThanOrEqual(2 * 500 + 1000)
    }
  })

  test('a page far above all before it goes with the next', () => {
    const cache = new TargetCache((labels) => labels)
    show(cache, steady)
    show(cache, numbered(20_000, 'x'), false)
    show(cache, steady)
    expect(cache.size).toBe(500)
  })

  test('what is gone for ten pages is forgotten', () => {
    const cache = new TargetCache((labels) => labels)
    show(cache, ['a', 'b'])
    for (let i = 0; i < 25; i++) show(cache, ['a'])
    expect(cache.size).toBe(1)
  })

  test('what is stored is kept, however long nothing could be stored', () => {
    const cache = new TargetCache((labels) => labels)
    const { known } = show(cache, ['a'])
    for (let i = 0; i < 25; i++) show(cache, ['b'], false)
    expect(cache.stored.map((one) => one.known)).toEqual(known)
    expect(cache.resolve(exposed('a')).known).toBe(known[0])
  })
})

describe('lists', () => {
  test('are the same while the series are, through every sweep', () => {
    const cache = new TargetCache((labels) => labels)
    const lines = numbered(3000, 's')
    const first = show(cache, lines)
    for (let i = 0; i < 50; i++) show(cache, lines)
    const last = show(cache, [...lines, 'new'])
    expect(first.lists.filter((list) => !last.lists.includes(list)).length).toBeLessThanOrEqual(1)
    expect(first.lists.length).toBeGreaterThan(3)
  })
})
