import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLabels, emptyLabels, type Labels, packLabels } from './labels.js'
import { LabelsBuilder } from './labels-builder.js'

/** The plain twin: all labels in a map, in the order of `names()`. */
class PlainBuilder {
  readonly values: Map<string, string>
  readonly #set = new Set<string>()

  constructor(base: Labels) {
    this.values = new Map(Array.from({ length: base.length }, (_, i) => [base.nameAt(i), base.valueAt(i)]))
  }

  set(name: string, value: string): void {
    if (value === '') this.delete(name)
    else {
      if (!this.#set.has(name)) this.values.delete(name)
      this.#set.add(name)
      this.values.set(name, value)
    }
  }

  delete(name: string): void {
    this.values.delete(name)
    this.#set.delete(name)
  }
}

const names = fc.oneof(
  fc.constantFrom('a', 'aa', 'b', '__name__', '__proto__', 'é', '\u{1f600}', '\uffff', 'x'.repeat(127), 'x'.repeat(128), 'Ã©'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).filter((text) => text.isWellFormed()),
)
const values = fc.oneof(
  fc.constantFrom('', '1', 'é', 'v'.repeat(127), 'v'.repeat(128), 'é'.repeat(64), 'v'.repeat(3000)),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
)
const bases = fc.uniqueArray(fc.tuple(names, values), { selector: ([name]) => name, maxLength: 6 }).map((pairs) => createLabels(pairs))
const edits = fc.array(fc.tuple(names, fc.option(values, { nil: undefined })), { maxLength: 8 })

describe('LabelsBuilder', () => {
  it('does what a map does', () => {
    const builder = new LabelsBuilder()
    fc.assert(
      fc.property(bases, edits, fc.boolean(), (base, all, isWithin) => {
        // Amid other bytes, as in a list.
        const bytes = Uint8Array.of(1, ...base.bytes, 1)
        if (isWithin) builder.resetTo({ bytes, start: 1, end: bytes.length - 1 })
        else builder.reset(base)
        const plain = new PlainBuilder(base)
        for (const [name, value] of all) {
          if (value === undefined) builder.delete(name)
          else builder.set(name, value)
          if (value === undefined) plain.delete(name)
          else plain.set(name, value)
          expect([builder.get(name), builder.has(name)]).toEqual([plain.values.get(name) ?? '', plain.values.has(name)])
          expect(builder.names()).toEqual([...plain.values.keys()])
        }
        const expected = packLabels([...plain.values])
        expect(builder.build().toObject()).toEqual(expected.toObject())
        const encoded = builder.encode()
        expect(Buffer.from(encoded.bytes.subarray(encoded.start, encoded.end)).equals(expected.bytes)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it('gives the bytes of the base where nothing changed', () => {
    const bytes = Uint8Array.of(0, ...createLabels({ a: '1' }).bytes, 0)
    const builder = new LabelsBuilder().resetTo({ bytes, start: 1, end: bytes.length - 1 })
    builder.set('a', '1').delete('b')
    expect(builder.encode()).toEqual({ bytes, start: 1, end: bytes.length - 1 })
    expect(builder.encode().bytes).toBe(bytes)
    expect(builder.build().toObject()).toEqual(createLabels({ a: '1' }).toObject())
  })

  it('what was built stays', () => {
    const builder = new LabelsBuilder()
    const first = builder.set('a', '1').build()
    const second = builder.reset(emptyLabels).set('b', '2').build()
    expect([first.toObject(), second.toObject()]).toEqual([createLabels({ a: '1' }).toObject(), createLabels({ b: '2' }).toObject()])
  })

  const refused: readonly (readonly [name: string, value: string, message: string])[] = [
    ['', '1', 'label with an empty name and value "1"'],
    ['\ud800', '1', 'label "\\ud800" has a lone surrogate, which UTF-8 cannot hold'],
    ['a', '\ud800', 'label "a" has a lone surrogate, which UTF-8 cannot hold'],
  ]
  it.each(refused)('refuses %j=%j', (name, value, message) => {
    const builder = new LabelsBuilder(createLabels({ b: '1' })).set(name, value)
    expect(() => builder.build()).toThrow(message)
    expect(builder.reset(emptyLabels).set('c', '2').build().toObject()).toEqual(createLabels({ c: '2' }).toObject())
  })
})
