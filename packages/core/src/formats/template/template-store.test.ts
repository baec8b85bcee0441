import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Origin } from '../../model/batch.js'
import { createLabels } from '../../model/labels.js'
import { unknownMetadata } from '../../model/metadata.js'
import { createSeriesList, type SeriesList } from '../../model/series-list.js'
import { influxRowFormat } from '../row-format.js'
import { pointSchema, telegrafSchema } from '../row-schema.js'
import { TemplateStore } from './template-store.js'

const origin: Origin = { kind: 'target', id: 't', url: 'http://h/' }

const listOf = (name: string, length = 1): SeriesList =>
  createSeriesList(
    Array.from({ length }, (_, i) => ({ labels: createLabels({ __name__: name, i: String(i) }), metadata: unknownMetadata(name) })),
  )

const storeOf = (maxBytes: number): TemplateStore => new TemplateStore({ schema: pointSchema, format: influxRowFormat, maxBytes })

/** One request for each list in turn: whether there was a template. */
const ask = (store: TemplateStore, lists: readonly SeriesList[]): boolean[] =>
  lists.map((list) => {
    store.begin()
    return store.find(list, origin) !== undefined
  })

describe('TemplateStore', () => {
  test('makes a template at the second sight and keeps it', () => {
    const store = storeOf(1e6)
    const list = listOf('a')
    expect(ask(store, [list])).toEqual([false])
    expect(store.bytes).toBe(0)
    expect(ask(store, [list, list])).toEqual([true, true])
    expect(store.find(list, origin)).toBe(store.find(list, { ...origin }))
    expect(store.bytes).toBeGreaterThan(0)
  })

  test('makes none without a budget, nor of a list with a row that has no form', () => {
    const list = listOf('a')
    expect(ask(storeOf(0), [list, list, list])).toEqual([false, false, false])
    const unwritable = listOf('\\')
    expect(ask(storeOf(1e6), [unwritable, unwritable, unwritable])).toEqual([false, false, false])
  })

  test('begins anew where the origin gives other rows', () => {
    const schema = telegrafSchema({ metricVersion: 1 })
    const store = new TemplateStore({ schema, format: influxRowFormat, maxBytes: 1e6 })
    const list = listOf('a')
    const other = { ...origin, url: 'http://other/' }
    store.begin()
    expect([origin, { ...origin }, other, origin, origin].map((one) => store.find(list, one) !== undefined)).toEqual([
      false,
      true,
      false,
      false,
      true,
    ])
  })

  test('lists that come round in turn do not push each other out', () => {
    const store = storeOf(1)
    const [a, b] = [listOf('a'), listOf('b')]
    expect(ask(store, [a, b, a, b, a, b, a, b])).toEqual([false, false, true, false, true, false, true, false])
  })

  test('the least recently used gives way to one that comes more often', () => {
    const store = storeOf(1)
    const [idle, busy] = [listOf('a'), listOf('b')]
    expect(ask(store, [idle, idle, busy, busy, busy, idle, busy])).toEqual([false, true, false, true, true, false, true])
  })

  test('builds some thousand rows a request; what is longer has a request of its own', () => {
    const store = storeOf(1e9)
    const lists = [listOf('a', 3000), listOf('b', 3000), listOf('c', 5000)]
    const request = (): boolean[] => {
      store.begin()
      return lists.map((list) => store.find(list, origin) !== undefined)
    }
    expect(request()).toEqual([false, false, false])
    expect(request()).toEqual([true, false, false])
    expect(request()).toEqual([true, true, false])
    expect(request()).toEqual([true, true, true])
  })

  test('a template goes with its list', async () => {
    const store = storeOf(1e6)
    ;(() => {
      const list = listOf('a')
      ask(store, [list, list])
    })()
    expect(store.bytes).toBeGreaterThan(0)
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    // The registry is told by a task after a collection, which one that is not the first may find.
    for (let i = 0; i < 100 && store.bytes > 0; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      collect()
    }
    expect(store.bytes).toBe(0)
  })
})
