import { createLabels, createSeriesList, type SeriesList } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { ListForms } from './list-forms.js'

function listOf(length: number, options: { readonly name?: string; readonly padding?: number } = {}): SeriesList {
  const { name = 'm', padding = 1 } = options
  return createSeriesList(
    Array.from({ length }, (_, i) => ({
      labels: createLabels({ __name__: name, i: String(i), padding: 'x'.repeat(padding) }),
      metadata: { name, type: 'gauge', help: '', unit: '' },
    })),
  )
}

/** Which of the lists have a template, as a request at this time finds them: `1` and `-`. */
function request(forms: ListForms, nowMs: number, lists: readonly SeriesList[]): string {
  forms.begin(nowMs)
  return lists.map((list) => (forms.template(list) === undefined ? '-' : '1')).join('')
}

describe('ListForms', () => {
  it('makes a form at the second sight, and gives the same one from then on', () => {
    const forms = new ListForms(1_000_000)
    const list = listOf(3)
    forms.begin(0)
    expect([forms.template(list), forms.message(list), forms.bytes]).toEqual([undefined, undefined, 0])
    const template = forms.template(list)
    const message = forms.message(list)
    expect([template?.valuePlaces.length, message?.valuePlaces.length]).toEqual([3, 3])
    forms.begin(1)
    expect(forms.template(list)).toBe(template)
    expect(forms.message(list)).toBe(message)
  })

  it('keeps messages that are not written to by later ones', () => {
    const forms = new ListForms(1_000_000)
    const list = listOf(3)
    forms.begin(0)
    forms.message(list)
    const copy = forms.message(list)?.bytes.slice()
    const other = listOf(5, { name: 'other' })
    forms.message(other)
    forms.message(other)
    expect(forms.message(list)?.bytes).toEqual(copy)
  })

  it('makes none without room', () => {
    const forms = new ListForms(0)
    const list = listOf(3)
    for (let nowMs = 0; nowMs < 5; nowMs++) expect(request(forms, nowMs, [list])).toBe('-')
    expect(forms.bytes).toBe(0)
  })

  it('keeps what it has where lists that come round in turn are too many, up to one above its room', () => {
    const forms = new ListForms(1200)
    const lists = [1, 2, 3, 4].map((i) => listOf(3, { name: `m${i}` }))
    const rounds = [0, 15, 30, 45].map((nowMs) => request(forms, nowMs, lists))
    expect(rounds).toEqual(['----', '11--', '11--', '11--'])
  })

  it('makes room for what comes again sooner than the oldest was used', () => {
    const forms = new ListForms(1200)
    const [a, b, c] = ['a', 'b', 'c'].map((name) => listOf(3, { name })) as [SeriesList, SeriesList, SeriesList]
    request(forms, 0, [a, b])
    expect(request(forms, 15, [a, b])).toBe('11')
    expect(request(forms, 30, [b, c])).toBe('1-')
    expect(request(forms, 40, [b, c])).toBe('11')
    expect(request(forms, 41, [a])).toBe('-')
    expect(forms.bytes).toBeLessThan(1900)
  })

  it('lets go of what was idle for ten minutes', () => {
    const forms = new ListForms(1_000_000)
    const list = listOf(3)
    request(forms, 0, [list])
    request(forms, 1, [list])
    expect(forms.bytes).toBeGreaterThan(0)
    forms.begin(600_000)
    expect(forms.bytes).toBeGreaterThan(0)
    forms.begin(600_001)
    expect(forms.bytes).toBe(0)
    expect(request(forms, 600_002, [list])).toBe('1')
  })

  it('makes forms of 4,096 rows for one request, and the others with the next', () => {
    const forms = new ListForms(100_000_000)
    const lists = Array.from({ length: 6 }, (_, i) => listOf(1024, { name: `m${i}` }))
    expect(request(forms, 0, lists)).toBe('------')
    expect(request(forms, 1, lists)).toBe('1111--')
    expect(request(forms, 2, lists)).toBe('111111')
  })

  it('makes none of a list of more than 1 MiB', () => {
    const forms = new ListForms(100_000_000)
    const [large, small] = [listOf(300, { padding: 4000 }), listOf(200, { padding: 4000 })]
    for (let nowMs = 0; nowMs < 3; nowMs++) request(forms, nowMs, [large, small])
    expect(request(forms, 3, [large, small])).toBe('-1')
  })
})
