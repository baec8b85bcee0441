import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeUtf8 } from '../model/bytes.js'
import { describeEntries } from './testdata/describe-entries.js'

/** Every construct of the format, close together: what mutations begin from. */
const seed = encodeUtf8(`# HELP a Text with \\\\ and \\n, żółć.
# TYPE a counter
a{x="1",y="\\"\\\\\\n"} 1.5 1395066363000
a 1e+06
# TYPE "h.i" histogram
{"h.i_bucket",le="0.5","l.m"="\u{1f600}"} 3
{"h.i_bucket",le="+Inf"} 4
# TYPE s summary
s{quantile="0.5",} NaN -5
s_sum -Inf

# comment
b {  z  =  "v" , } .5\t6
`)

/** Bytes that mean something to the format, and some that never should. */
const telling = [...encodeUtf8('\n\t "#{}=,\\_:aeEnN09+-.'), 0x00, 0x0d, 0x80, 0xc3, 0xe2, 0xed, 0xf0, 0xff]

const mutation = fc.record({
  at: fc.nat(seed.length - 1),
  kind: fc.constantFrom('replace', 'insert', 'delete', 'cut', 'repeat'),
  value: fc.constantFrom(...telling),
  length: fc.integer({ min: 1, max: 20 }),
})

function mutate(body: Uint8Array, { at, kind, value, length }: { at: number; kind: string; value: number; length: number }): Uint8Array {
  const bytes = [...body]
  if (kind === 'replace') bytes[Math.min(at, bytes.length)] = value
  else if (kind === 'insert') bytes.splice(at, 0, value)
  else if (kind === 'delete') bytes.splice(at, length)
  else if (kind === 'cut') bytes.length = Math.min(at, bytes.length)
  else bytes.splice(at, 0, ...bytes.slice(at, at + length))
  return Uint8Array.from(bytes)
}

test('a mutated page gives samples or a ParseError with a place, never anything else', () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.constantFrom('strict', 'prometheus'), (mutations, mode) => {
      const body = mutations.reduce(mutate, seed)
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
