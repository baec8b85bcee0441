import { createLabels, createSeriesList, PackedSeriesList, type SeriesList } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { ListTemplates } from './list-templates.js'
import { PlainListCompressor } from './list-compressor.js'

function listOf(length: number, options: { readonly name?: string; readonly padding?: number } = {}): SeriesList {
  const { name = 'm', padding = 0 } = options
  const metadata = { name, type: 'gauge', help: '', unit: '' } as const
  return createSeriesList(
    Array.from({ length }, (_, i) => {
      const pad = Array.from({ length: padding }, (_one, k) => noise(i * padding + k)).join('')
      return { labels: createLabels({ __name__: name, i: String(i), pad }), metadata }
    }),
  )
}

/** A character that says nothing of those beside it. */
function noise(i: number): string {
  const mixed = Math.imul(i ^ (i >>> 7), 0x9e3779b1)
  return String.fromCharCode(33 + (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 26))
}

function createTemplates(maxBytes: number): ListTemplates {
  return new ListTemplates({ maxBytes, compressor: new PlainListCompressor() })
}

/** Which lists have a template in a request: 1 or -. */
function request(templates: ListTemplates, nowMs: number, lists: readonly SeriesList[]): string {
  templates.begin(nowMs)
  return lists.map((list) => (templates.find(list) === undefined ? '-' : '1')).join('')
}

describe('ListTemplates', () => {
  it('makes one at the second sight and gives the same one from then on', () => {
    const templates = createTemplates(1_000_000)
    const list = listOf(3)
    templates.begin(0)
    expect([templates.find(list), templates.bytes]).toEqual([undefined, 0])
    const template = templates.find(list)
    expect(template?.valueSteps.length).toBe(3)
    expect(template?.timestampPlaces.length).toBe(1)
    templates.begin(1)
    expect(templates.find(list)).toBe(template)
  })

  it('keeps what is not written to by what is made later', () => {
    const templates = createTemplates(1_000_000)
    const list = listOf(3)
    request(templates, 0, [list, list])
    const copy = templates.find(list)?.elements.slice()
    const other = listOf(5, { name: 'other' })
    request(templates, 1, [other, other])
    expect(templates.find(list)?.elements).toEqual(copy)
  })

  it('makes none without room', () => {
    const templates = createTemplates(0)
    const list = listOf(3)
    for (let nowMs = 0; nowMs < 5; nowMs++) expect(request(templates, nowMs, [list])).toBe('-')
    expect(templates.bytes).toBe(0)
  })

  it('lets go of what was idle for ten minutes', () => {
    const templates = createTemplates(1_000_000)
    const list = listOf(3)
    request(templates, 0, [list])
    request(templates, 1, [list])
    expect(templates.bytes).toBeGreaterThan(0)
    templates.begin(600_000)
    expect(templates.bytes).toBeGreaterThan(0)
    templates.begin(600_001)
    expect(templates.bytes).toBe(0)
    expect(request(templates, 600_002, [list])).toBe('1')
  })

  it('makes those of 4,096 rows for one request, and the others with the next', () => {
    const templates = createTemplates(100_000_000)
    const lists = Array.from({ length: 6 }, (_, i) => listOf(1024, { name: `m${i}` }))
    expect(request(templates, 0, lists)).toBe('------')
    expect(request(templates, 1, lists)).toBe('1111--')
    expect(request(templates, 2, lists)).toBe('111111')
  })

  it('makes none of a list of more than 1 MiB, and of one with more than 64 KiB between two values', () => {
    const templates = createTemplates(100_000_000)
    const lists = [listOf(300, { padding: 4000 }), listOf(2, { padding: 100_000 }), listOf(200, { padding: 4000 })]
    for (let nowMs = 0; nowMs < 3; nowMs++) request(templates, nowMs, lists)
    expect(request(templates, 3, lists)).toBe('--1')
  })

  it('takes lists that are packed', () => {
    const templates = createTemplates(1_000_000)
    const labels = createLabels({ __name__: 'm' }).bytes
    const families = [{ metadata: { name: 'm', type: 'gauge', help: '', unit: '' } as const, end: 1 }]
    const list = new PackedSeriesList({ bytes: labels, ends: Uint32Array.of(labels.length), families })
    request(templates, 0, [list])
    templates.begin(1)
    expect(templates.find(list)?.messageBytes).toBe(2 + (2 + 2 + 8 + 2 + 1) + 2 + 16)
  })
})
