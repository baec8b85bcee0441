import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLabels, emptyLabels, labelsFromBytes } from './labels.js'
import { LabelsBuilder } from './labels-builder.js'

const oddNames = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf', '10', '2', '\u{1F600}', '\uFFFD']

describe('createLabels()', () => {
  it('sorts by code point, not by UTF-16 unit', () => {
    const labels = createLabels({ '\u{1F600}': 'a', '\uFFFD': 'b', Z: 'c', a: 'd' })
    expect([0, 1, 2, 3].map((i) => labels.nameAt(i))).toEqual(['Z', 'a', '\uFFFD', '\u{1F600}'])
  })

  it('keeps every odd name an ordinary one', () => {
    const labels = createLabels(oddNames.map((name): [string, string] => [name, `value of ${name}`]))
    for (const name of oddNames) {
      expect(labels.get(name)).toBe(`value of ${name}`)
      expect(labels.toObject()[name]).toBe(`value of ${name}`)
    }
    expect(Object.getPrototypeOf(labels.toObject())).toBeNull()
  })

  it('takes a label with an empty value for none', () => {
    const labels = createLabels({ a: '', b: 'x' })
    expect(labels.length).toBe(1)
    expect(labels.get('a')).toBeUndefined()
  })

  it('gives labels back as they are', () => {
    const labels = createLabels({ a: '1' })
    expect(createLabels(labels)).toBe(labels)
  })

  it.each([
    [
      [
        ['a', '1'],
        ['a', '2'],
      ],
      'label "a" is given twice',
    ],
    [[['', '1']], 'label with an empty name and value "1"'],
    [[['a', '\ud800']], 'label "a" has a lone surrogate, which UTF-8 cannot hold'],
    [[['\udc00', '1']], 'label "\\udc00" has a lone surrogate, which UTF-8 cannot hold'],
  ] as [[string, string][], string][])('refuses %j', (pairs, message) => {
    expect(() => createLabels(pairs)).toThrow(message)
  })
  it.each([
    [200, 'the value of label "code" is number, not text'],
    [undefined, 'the value of label "code" is undefined, not text'],
  ])('refuses a value that is %s, of a caller without types', (value, message) => {
    const labels = JSON.parse('{}')
    labels.code = value
    expect(() => createLabels(labels)).toThrow(expect.objectContaining({ code: 'labels', message }))
  })

  it.each([-1, 1, 2])('has no label %d of one', (i) => {
    expect(() => createLabels({ a: '1' }).nameAt(i)).toThrow(RangeError)
  })

  it('has equal bytes for equal sets, whatever the order', () => {
    const label = fc.tuple(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 20_000 }),
    )
    fc.assert(
      fc.property(fc.uniqueArray(label, { selector: ([name]) => name, maxLength: 12 }), (pairs) => {
        const labels = createLabels(pairs)
        const again = createLabels([...pairs].reverse())
        expect(again.equals(labels)).toBe(true)
        expect(labelsFromBytes(labels.bytes).toObject()).toEqual(labels.toObject())
        expect(labels.length).toBe(pairs.filter(([, value]) => value !== '').length)
        for (const [name, value] of pairs) expect(labels.get(name) ?? '').toBe(value)
      }),
    )
  })
})

describe('LabelsBuilder', () => {
  it('gives the base itself back where nothing changed', () => {
    const base = createLabels({ a: '1', b: '2' })
    expect(new LabelsBuilder(base).set('a', '1').delete('c').build()).toBe(base)
  })

  it('sets, deletes and starts over', () => {
    const builder = new LabelsBuilder(createLabels({ a: '1' }))
    expect(builder.set('b', '2').delete('a').build().toObject()).toEqual({ b: '2' })
    expect(builder.set('b', '').build()).toBe(emptyLabels)
    expect(
      builder
        .reset(createLabels({ c: '3' }))
        .build()
        .toObject(),
    ).toEqual({ c: '3' })
  })
})
