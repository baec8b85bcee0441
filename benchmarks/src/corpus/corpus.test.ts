import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type CorpusName, corpusVersions, createCorpus } from './corpus.js'
import { nodeLookAlikePage } from './node-look-alike.js'
import { assertSamePage, readPage, seriesKey } from './read-page.js'

/** Sizes that the README states. Bytes may differ by a tenth. */
const sizes: readonly (readonly [CorpusName, bytes: number, samples: number])[] = [
  ['tiny', 1_700, 14],
  ['n10000', 1_050_000, 10_000],
  ['few10000', 575_000, 10_000],
  ['churn20000', 2_700_000, 20_000],
  ['hist', 5_000_000, 25_844],
  ['ksm', 10_400_000, 51_617],
]

describe.each(sizes)('%s', (name, bytes, samples) => {
  const corpus = createCorpus(name)

  test('has its size, and as many series as samples', () => {
    expect(corpus.samples).toBe(samples)
    for (const page of corpus.pages) {
      expect(page.length / bytes).toBeGreaterThan(0.9)
      expect(page.length / bytes).toBeLessThan(1.1)
      expect(readPage(page).size).toBe(samples)
    }
  })

  test('has pages that differ, and is the same when it is made again', () => {
    const digests = (pages: readonly Uint8Array[]) => pages.map((page) => createHash('sha256').update(page).digest('hex'))
    const made = digests(corpus.pages)
    expect(new Set(made).size).toBe(corpusVersions)
    expect(digests(createCorpus(name).pages)).toEqual(made)
  })
})

test('ksm: some dozen series come and go between two pages', () => {
  const [before, after] = createCorpus('ksm').pages.map(readPage)
  const appeared = [...after!.keys()].filter((key) => !before!.has(key))
  expect(appeared.length).toBe(46)
})

describe('churn20000', () => {
  const pages = createCorpus('churn20000', 23).pages.map((page) => new Set(readPage(page).keys()))

  test('a twentieth of the series is new in each version, and stays for twenty', () => {
    const firsts = new Map<string, number>()
    for (const [version, keys] of pages.entries()) {
      const before = firsts.size
      for (const key of keys) if (!firsts.has(key)) firsts.set(key, version)
      if (version > 0) expect(firsts.size - before).toBe(1000)
    }
    const ofVersion1 = [...firsts].filter(([, version]) => version === 1).map(([key]) => key)
    expect(ofVersion1.every((key) => pages[20]!.has(key))).toBe(true)
    expect(ofVersion1.some((key) => pages[21]!.has(key))).toBe(false)
  })

  test('no stretch of a page is long the same', () => {
    const [before, after] = pages
    const changed = [...after!].flatMap((key, i) => (before!.has(key) ? [] : [i]))
    const stretches = changed.map((place, k) => place - (changed[k - 1] ?? 0))
    expect(Math.max(...stretches)).toBeLessThan(40)
  })
})

test('the look-alike of node_exporter has the size of the real one', () => {
  const page = Buffer.from(nodeLookAlikePage(0))
  expect(readPage(page).size).toBe(507)
  expect(page.length / 57_600).toBeGreaterThan(0.8)
  expect(page.length / 57_600).toBeLessThan(1.2)
})

describe('readPage', () => {
  test('reads escapes, infinities and lines without labels', () => {
    const page = '# TYPE a counter\na 1\nb{x="a\\"b\\n\\\\",y=""} +Inf\nc_bucket{le="1"} 2.5e-3\n'
    expect([...readPage(Buffer.from(page))]).toEqual([
      [seriesKey('a', []), 1],
      [seriesKey('b', [['x', 'a"b\n\\']]), Number.POSITIVE_INFINITY],
      [seriesKey('c_bucket', [['le', '1.0']]), 0.0025],
    ])
  })

  test('refuses what it cannot read', () => {
    expect(() => readPage(Buffer.from('a 1 2 3\n'))).toThrow('not a sample: a 1 2 3')
  })
})

describe('assertSamePage', () => {
  const page = readPage(Buffer.from('a 1\nb 2\n'))
  test.each([
    [
      'a value that differs',
      [
        ['a\n', 1],
        ['b\n', 3],
      ],
      '"b\\n" has the value 3, on the page 2',
    ],
    [
      'a series too many',
      [
        ['a\n', 1],
        ['c\n', 1],
      ],
      '"c\\n" has the value 1, on the page undefined',
    ],
    ['a series too few', [['a\n', 1]], '1 samples, on the page 2'],
  ] as const)('finds %s', (_, samples, message) => {
    expect(() => assertSamePage(page, samples)).toThrow(message)
  })

  test('takes the same samples in any order', () => {
    expect(() =>
      assertSamePage(page, [
        ['b\n', 2],
        ['a\n', 1],
      ]),
    ).not.toThrow()
  })
})
