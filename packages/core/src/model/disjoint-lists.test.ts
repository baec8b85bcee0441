import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLabels } from './labels.js'
import { createSeriesList, type SeriesList } from './series-list.js'
import { packedOf } from './packed-series-list.js'
import { areDisjoint } from './disjoint-lists.js'

const metadata = { name: 'm', type: 'gauge', help: '', unit: '' } as const

function listOf(...names: string[]): SeriesList {
  return createSeriesList(names.map((name) => ({ labels: createLabels({ __name__: 'm', name }), metadata })))
}

const namesOf = (list: SeriesList) => Array.from({ length: list.length }, (_, i) => list.at(i).labels.get('name'))

const [ab, cd, be, ef] = [listOf('a', 'b'), listOf('c', 'd'), listOf('b', 'e'), listOf('e', 'f')]

it.each<readonly [string, boolean, readonly SeriesList[]]>([
  ['no list', true, []],
  ['one list', true, [ab]],
  ['lists of different series', true, [ab, cd]],
  ['an empty list beside others', true, [ab, listOf(), cd]],
  ['lists that share a series', false, [ab, cd, be]],
  ['equal lists', false, [ab, listOf('a', 'b')]],
  ['a list with a series twice', false, [listOf('a', 'a')]],
  [
    'series that differ in metadata alone',
    false,
    [ab, createSeriesList([{ labels: ab.at(0).labels, metadata: { ...metadata, name: 'n' } }])],
  ],
])('of %s: %s', (_, expected, lists) => {
  expect(areDisjoint(new Set(lists))).toBe(expected)
})

it('compares what comes with what is there, not with what was there before', () => {
  expect(areDisjoint(new Set([ab, cd]))).toBe(true)
  expect(areDisjoint(new Set([cd, be]))).toBe(true)
  expect(areDisjoint(new Set([ab, cd]))).toBe(true)
  expect(areDisjoint(new Set([ab, cd, be]))).toBe(false)
  expect(areDisjoint(new Set([be, cd, ab]))).toBe(false)
})

it('joins two that were asked for apart', () => {
  expect(areDisjoint(new Set([be, cd]))).toBe(true)
  expect(areDisjoint(new Set([ef]))).toBe(true)
  expect(areDisjoint(new Set([be, cd, ef]))).toBe(false)
  expect(areDisjoint(new Set([ab, cd, ef]))).toBe(true)
})

it('says what reading every series says, whatever was asked before', () => {
  const names = fc.uniqueArray(fc.nat(30).map(String), { maxLength: 4 })
  const pools = fc.array(fc.tuple(names, fc.boolean()), { minLength: 1, maxLength: 12 })
  const questions = fc.array(fc.uniqueArray(fc.nat(11), { maxLength: 6 }), { maxLength: 20 })
  fc.assert(
    fc.property(pools, questions, (pool, asked) => {
      const lists = pool.map(([some, isPacked]) => (isPacked ? packedOf(listOf(...some)) : listOf(...some)))
      for (const question of asked) {
        const chosen = new Set(question.map((i) => lists[i % lists.length]!))
        const all = [...chosen].flatMap(namesOf)
        expect(areDisjoint(chosen)).toBe(new Set(all).size === all.length)
      }
    }),
    { numRuns: 500 },
  )
})
