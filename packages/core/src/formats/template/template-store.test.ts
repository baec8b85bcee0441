import { describe, expect, test } from 'vitest'
import type { Origin } from '../../model/batch.js'
import { createLabels } from '../../model/labels.js'
import { unknownMetadata } from '../../model/metadata.js'
import { createSeriesList, type SeriesList } from '../../model/series-list.js'
import { influxRowFormat } from '../row-format.js'
import { pointSchema, telegrafSchema } from '../row-schema.js'
import type { RowTemplate } from './row-template.js'
import { TemplateStore } from './template-store.js'

const origin: Origin = { kind: 'target', id: 't', url: 'http://h/' }

const listOf = (name: string): SeriesList =>
  createSeriesList([{ labels: createLabels({ __name__: name, i: '1' }), metadata: unknownMetadata(name) }])

const storeOf = (maxBytes: number): TemplateStore => new TemplateStore({ schema: pointSchema, format: influxRowFormat, maxBytes })

/** The template that a list has in a request of its own. */
function ask(store: TemplateStore, list: SeriesList, from: Origin = origin): RowTemplate | undefined {
  store.begin()
  return store.find(list, from)
}

describe('TemplateStore', () => {
  test('makes a template at once and keeps it from the second sight on', () => {
    const store = storeOf(1e6)
    const list = listOf('a')
    const first = ask(store, list)
    expect(first?.rows).toBe(1)
    expect(store.bytes).toBe(0)
    const second = ask(store, list)
    expect(second).toEqual(first)
    expect(store.bytes).toBeGreaterThan(0)
    expect([ask(store, list), ask(store, list, { ...origin })]).toEqual([second, second])
    expect(ask(store, list)).toBe(second)
  })

  test('makes none without a budget, nor of a list with a row that has no form', () => {
    const [list, unwritable] = [listOf('a'), listOf('\\')]
    expect([ask(storeOf(0), list), ask(storeOf(1e6), unwritable)]).toEqual([undefined, undefined])
  })

  test('begins anew where the origin gives other rows', () => {
    const schema = telegrafSchema({ metricVersion: 1 })
    const store = new TemplateStore({ schema, format: influxRowFormat, maxBytes: 1e6 })
    const list = listOf('a')
    const other = { ...origin, url: 'http://other/' }
    const bytes = [origin, { ...origin }, other, origin, origin].map((from) => {
      const template = ask(store, list, from)
      const text = Buffer.from(template?.text.buffer ?? new ArrayBuffer(0)).toString('utf8')
      expect(text).toContain(`a,i=1,url=${from.url} value=`)
      return store.bytes > 0
    })
    expect(bytes).toEqual([false, true, false, false, true])
  })
})
