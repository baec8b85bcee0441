import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { createLabels } from '../../model/labels.js'
import { MetadataTable } from '../../model/metadata.js'
import { compileRelabelConfigs } from '../../relabel/relabeler.js'
import { createSeriesMutator } from '../series-mutator.js'
import { SharedParts } from './shared-parts.js'
import { WarmPages } from './warm-pages.js'

const config = { honorTimestamps: true, trackTimestampsStaleness: false, sampleLimit: 0 }

/** A target's pages, one after the other. */
function setUp() {
  let relabelled = 0
  const pages = new WarmPages((labels) => {
    relabelled++
    return labels.get('drop') === undefined ? labels : undefined
  })
  let seconds = 0
  return async (text: string) => {
    relabelled = 0
    const timestampMs = 1000 * ++seconds
    const page = pages.begin({ config, timestampMs })
    await page.write(encodeUtf8(text))
    await page.end()
    const columns = page.columns()
    const gone = pages.goneColumns(timestampMs).reduce((sum, { series }) => sum + series.length, 0)
    pages.commit(true)
    pages.end({ good: true, empty: text === '', read: true })
    return { ...page.predicted, relabelled, gone, lists: columns.map(({ series }) => series), columns }
  }
}

/** A page of a gauge with many series, some of them dropped. */
const pageOf = (count: number, value: (i: number) => string = String) =>
  `# HELP m Help.\n# TYPE m gauge\n${Array.from({ length: count }, (_, i) => `m{${i % 10 === 9 ? 'drop' : 'pod'}="p${i}"} ${value(i)}\n`).join('')}`

const lines = 3000

test('a page that repeats the last one is taken in whole segments, and gives the same lists', async () => {
  const show = setUp()
  const first = await show(pageOf(lines))
  expect(first).toMatchObject({ whole: 0, single: 0, relabelled: lines })
  const second = await show(pageOf(lines, (i) => String(i / 4)))
  expect(second).toMatchObject({ whole: lines, single: 0, relabelled: 0, gone: 0 })
  expect(second.lists).toEqual(first.lists)
  expect(second.lists.every((list, i) => list === first.lists[i])).toBe(true)
  expect(second.columns.flatMap(({ values }) => [...values])).toEqual(
    Array.from({ length: lines }, (_, i) => i / 4).filter((_, i) => i % 10 !== 9),
  )
})

test('columns that were handed on do not change', async () => {
  const show = setUp()
  await show(pageOf(lines))
  const { columns } = await show(pageOf(lines))
  const before = columns.map(({ values }) => values.slice())
  await show(pageOf(lines, () => '7'))
  expect(columns.map(({ values }) => values)).toEqual(before)
})

describe('what changes costs the lines that change', () => {
  const page = pageOf(lines)
  const at = page.indexOf('m{pod="p1500"}')
  const next = page.indexOf('\n', at) + 1

  test.each<[what: string, changed: string, expected: object]>([
    ['a new line', `${page.slice(0, at)}new 1\n${page.slice(at)}`, { relabelled: 1, gone: 0 }],
    ['a line that goes', page.slice(0, at) + page.slice(next), { relabelled: 0, gone: 1 }],
    ['a line that moves', `${page.slice(0, at)}${page.slice(next)}${page.slice(at, next)}`, { relabelled: 0, gone: 0 }],
    ['a new comment', `${page.slice(0, at)}# HELP other Help.\n${page.slice(at)}`, { relabelled: 0, gone: 0 }],
    ['a blank', `${page.slice(0, next - 1)} ${page.slice(next - 1)}`, { relabelled: 0, gone: 0 }],
  ])('%s', async (_, changed, expected) => {
    const show = setUp()
    await show(page)
    const found = await show(changed)
    expect(found).toMatchObject(expected)
    expect(found.whole + found.single).toBeGreaterThanOrEqual(lines - 2)
    expect(found.whole).toBeGreaterThan(lines / 3)
    const again = await show(changed)
    expect(again).toMatchObject({ relabelled: 0, gone: 0 })
    expect(again.whole + again.single).toBeGreaterThanOrEqual(lines - 1)
  })

  test('a timestamp is read without parsing its line', async () => {
    const show = setUp()
    const stamped = pageOf(lines, (i) => (i % 3 === 0 ? `${i} 1500` : `${i}`))
    await show(stamped)
    expect(await show(stamped)).toMatchObject({ single: lines, relabelled: 0 })
  })
})

test('a target that gives every line a timestamp has the same lists on every page', async () => {
  const show = setUp()
  const stamped = (ms: number) => pageOf(lines, (i) => `${i} ${ms}`)
  const first = await show(stamped(1500))
  const second = await show(stamped(2500))
  expect(second).toMatchObject({ whole: 0, single: lines, relabelled: 0, gone: 0 })
  expect(second.lists.map((list, i) => list === first.lists[i])).toEqual(first.lists.map(() => true))
  expect(second.columns.map(({ timestampMs }) => timestampMs)).toEqual(second.lists.map(() => 2500))
})

test('lines in another order on every page are found by their text', async () => {
  const show = setUp()
  const samples = Array.from({ length: lines }, (_, i) => `m{pod="p${i}"} ${i}\n`)
  // Each is prime to 3,000, so that each line comes once.
  for (const step of [1, 1009, 1013, 1019]) {
    const shuffled = samples.map((_, i) => samples[(i * step) % lines]!)
    const { relabelled, whole, single, columns } = await show(shuffled.join(''))
    if (step > 1) expect({ relabelled, known: whole + single }).toEqual({ relabelled: 0, known: lines })
    const values = columns.flatMap((column) => [...column.values])
    expect(values).toEqual(shuffled.map((line) => Number(line.split(' ')[1])))
  }
})

test('a page of new lines does not keep the process from other things', async () => {
  let turns = 0
  const count = () => {
    turns++
    immediate = setImmediate(count)
  }
  let immediate = setImmediate(count)
  const show = setUp()
  await show(pageOf(20_000))
  const cold = turns
  await show(pageOf(20_000))
  clearImmediate(immediate)
  expect([cold >= 19, turns - cold <= 1]).toEqual([true, true])
})

test('a page that is given up in a pause leaves the next one alone', async () => {
  const pages = new WarmPages((labels) => labels)
  const text = encodeUtf8(pageOf(20_000))
  const first = pages.begin({ config, timestampMs: 1000 })
  const paused = first.write(text)
  expect(paused).toBeInstanceOf(Promise)
  pages.commit(false)
  pages.end({ good: false, empty: false, read: true })
  const next = pages.begin({ config, timestampMs: 2000 })
  await Promise.all([paused, next.write(text)])
  await next.end()
  expect(next.columns().reduce((rows, { values }) => rows + values.length, 0)).toBe(20_000)
  expect(next.intake.dropped).toEqual({ relabel: 0, duplicate: 0, 'out-of-bounds': 0 })
})

test('what is known of a page does not grow while its lines come and go', async () => {
  const pages = new WarmPages((labels) => labels)
  const eventsAfter = async (count: number) => {
    let events = 0
    for (let i = 0; i < count; i++) {
      const page = pages.begin({ config, timestampMs: 1000 })
      await page.write(encodeUtf8(pageOf(200).replace(`m{pod="p${20 + (i % 5)}"}`, `x${i % 2}`)))
      await page.end()
      pages.commit(true)
      pages.end({ good: true, empty: false, read: true })
      events = page.segments.reduce((sum, segment) => sum + segment.events.length, 0)
    }
    return events
  }
  const before = await eventsAfter(10)
  expect(await eventsAfter(100)).toBeLessThanOrEqual(before)
})

test.each([
  ['failed', true],
  ['did not come to their end', false],
])('lists of pages that %s are forgotten, however many come', async (_what, read) => {
  const pages = new WarmPages((labels) => labels)
  const listOf = async (name: string) => {
    const page = pages.begin({ config, timestampMs: 1000 })
    await page.write(encodeUtf8(pageOf(1000).replaceAll('pod', name)))
    pages.commit(false)
    pages.end({ good: false, empty: !read, read })
    return page.segments[0]?.list
  }
  const first = await listOf('first')
  for (let i = 0; i < 5; i++) await listOf(`pod${i}`)
  const again = await listOf('first')
  expect(again).toEqual(first)
  expect(again === first).toBe(false)
})

test.each([
  ['without rules', []],
  ['with rules', [{ action: 'labeldrop', regex: 'none' }] as const],
])('targets that show the same lines keep them once, %s', async (_what, rules) => {
  const shared = { parts: new SharedParts(), metadata: new MetadataTable() }
  const segmentsOf = async (instance: string) => {
    const targetLabels = createLabels({ instance, job: 'node' })
    const limits = { honorLabels: false, labelLimit: 0, labelNameLengthLimit: 0, labelValueLengthLimit: 0 }
    const pages = new WarmPages(createSeriesMutator({ targetLabels, config: limits, relabeler: compileRelabelConfigs(rules) }), shared)
    const page = pages.begin({ config, timestampMs: 1000 })
    await page.write(encodeUtf8(`# TYPE m gauge\n${pageOf(3000)}`))
    await page.end()
    return page.segments
  }
  const first = await segmentsOf('127.0.0.1:9100')
  const second = await segmentsOf('127.0.0.2:9100')
  expect(first.length).toBeGreaterThan(4)
  expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text))
  expect(second.every(({ text, events }, i) => text === first[i]!.text && events === first[i]!.events)).toBe(true)
  expect(second.every(({ list }, i) => list!.families === first[i]!.list!.families)).toBe(true)
  expect(second[0]!.list).not.toEqual(first[0]!.list)
})
