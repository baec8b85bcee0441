import fc from 'fast-check'
import { encodeUtf8 } from '../../model/bytes.js'

/** Every construct of the format, close together: what mutations begin from. */
export const seed: Uint8Array = encodeUtf8(`# HELP a Text with \\\\ and \\n, żółć.
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
export const telling: readonly number[] = [...encodeUtf8('\n\t "#{}=,\\_:aeEnN09+-.'), 0x00, 0x0d, 0x80, 0xc3, 0xe2, 0xed, 0xf0, 0xff]

/** A change of a page. */
interface Mutation {
  /** From 0 to below 1: a share of the page. */
  readonly at: number
  readonly kind: 'replace' | 'insert' | 'delete' | 'cut' | 'repeat'
  readonly value: number
  readonly length: number
}

/** Up to six changes. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 0.9999, noNaN: true }),
    kind: fc.constantFrom('replace', 'insert', 'delete', 'cut', 'repeat'),
    value: fc.constantFrom(...telling),
    length: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 1, maxLength: 6 },
)

/** The page with these changes, one after the other. */
export function mutate(page: Uint8Array, steps: readonly Mutation[]): Uint8Array {
  const bytes = [...page]
  for (const { at, kind, value, length } of steps) {
    const place = Math.floor(at * bytes.length)
    if (kind === 'replace') bytes[place] = value
    else if (kind === 'insert') bytes.splice(place, 0, value)
    else if (kind === 'delete') bytes.splice(place, length)
    else if (kind === 'cut') bytes.length = place
    else bytes.splice(place, 0, ...bytes.slice(place, place + length))
  }
  return Uint8Array.from(bytes)
}
