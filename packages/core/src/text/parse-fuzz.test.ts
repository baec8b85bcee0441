import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeEntries } from './testdata/describe-entries.js'
import { mutate, mutations, seed, telling } from './testdata/mutated-page.js'

test('a mutated page gives samples or a ParseError with a place, never anything else', () => {
  fc.assert(
    fc.property(mutations, fc.constantFrom('strict', 'prometheus'), (steps, mode) => {
      const body = mutate(seed, steps)
      const result = describeEntries(body, mode)
      if (typeof result === 'string') expect(result).toMatch(/^\d+:\d+: \S/)
    }),
    { seed: 1, numRuns: 5_000 },
  )
})

test('arbitrary bytes do not trouble it', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.constantFrom(...telling), { maxLength: 40 }).map((list) => Uint8Array.from(list)),
  )
  fc.assert(
    fc.property(bytes, fc.constantFrom('strict', 'prometheus'), (body, mode) => {
      describeEntries(body, mode)
    }),
    { seed: 2, numRuns: 5_000 },
  )
})

test('what is written with any names and values is read back', () => {
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((value) => value.isWellFormed())
  const label = text.filter((name) => name !== '__name__')
  fc.assert(
    fc.property(text, fc.dictionary(label, text, { maxKeys: 5, noNullPrototype: false }), fc.double(), (name, labels, value) => {
      const written = Object.entries(labels).map(([key, content]) => `"${escaped(key)}"="${escaped(content)}"`)
      const body = `{${[`"${escaped(name)}"`, ...written].join()}} ${Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}\n`
      const sorted = Object.entries(labels).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const shown = Object.is(value, -0) ? '0' : String(value)
      const expected = [`${name}{${sorted.map(([key, content]) => `${key}=${JSON.stringify(content)}`).join()}} ${shown}`]
      expect(describeEntries(body, 'strict')).toEqual(expected)
      expect(describeEntries(body, 'prometheus')).toEqual(expected)
    }),
    { seed: 3, numRuns: 500 },
  )
})
