import { describe, expect, it } from 'vitest'
import { createLabels } from '../model/labels.js'
import { listOf, samplesOfList } from '../spool/testdata/batches.js'
import { assertBatch } from './assert-batch.js'

const series = listOf('m', 3)
const origin = { kind: 'target', id: 'a' }
const values = new Float64Array(3)
const samples = { kind: 'samples', series, values, timestampMs: 1 }
const exemplars = { kind: 'exemplars', series, rows: Uint16Array.of(1), exemplars: [{ labels: createLabels({ a: 'b' }), value: 1 }] }

/** What a program without types gives. */
function assertUntyped(batch: unknown): void {
  Reflect.apply(assertBatch, undefined, [batch])
}

describe('assertBatch()', () => {
  it.each([
    ['samples', { origin, columns: [samplesOfList(series, 1)] }],
    ['everything that may be there', { origin: { ...origin, url: 'http://a', tenant: '' }, columns: [exemplars] }],
    ['every column', { origin, columns: [{ ...samples, timestampMs: values, stale: Buffer.alloc(3), startTimestampMs: values }] }],
    ['no columns', { origin, columns: [] }],
  ])('passes %s', (_, batch) => expect(() => assertUntyped(batch)).not.toThrow())

  it.each([
    ['values', { ...samples, values: [1, 2, 3] }, 'columns whose values are of type Array, not Float64Array'],
    ['values', { ...samples, values: new Float32Array(3) }, 'columns whose values are of type Float32Array, not Float64Array'],
    ['timestampMs', { ...samples, timestampMs: [1, 2, 3] }, 'columns whose timestampMs are of type Array, not number or Float64Array'],
    ['timestampMs', { ...samples, timestampMs: undefined }, 'columns whose timestampMs are of type Undefined, not number or Float64Array'],
    ['timestampMs', { ...samples, timestampMs: 1n }, 'columns whose timestampMs are of type BigInt, not number or Float64Array'],
    ['stale', { ...samples, stale: [0, 0, 1] }, 'columns whose stale are of type Array, not Uint8Array'],
    ['startTimestampMs', { ...samples, startTimestampMs: 1 }, 'columns whose startTimestampMs are of type Number, not Float64Array'],
    ['histograms', { ...samples, kind: 'histograms' }, 'columns whose histograms are of type Undefined, not Array'],
    ['rows', { ...exemplars, rows: [1] }, 'columns whose rows are of type Array, not Uint16Array'],
    ['exemplars', { ...exemplars, exemplars: new Set() }, 'columns whose exemplars are of type Set, not Array'],
  ])('names the column: %s of %o', (column, columns, message) => {
    const facts = expect.objectContaining({ column })
    expect(() => assertUntyped({ origin, columns: [columns] })).toThrow(expect.objectContaining({ code: 'encode', message, facts }))
  })

  it.each([
    ['a kind that is none', { ...samples, kind: 'foo' }, 'columns of kind "foo", which is none of: samples, histograms, exemplars'],
    ['too few values', { ...samples, values: new Float64Array(2) }, 'columns with 2 values where 3 belong'],
    ['too many timestamps', { ...samples, timestampMs: new Float64Array(4) }, 'columns with 4 timestamps where 3 belong'],
    ['too few flags', { ...samples, stale: new Uint8Array(1) }, 'columns with 1 stale flags where 3 belong'],
    ['too few starts', { ...samples, startTimestampMs: new Float64Array(1) }, 'columns with 1 start timestamps where 3 belong'],
    ['too few rows', { ...exemplars, rows: new Uint16Array(0) }, 'columns with 0 rows of exemplars where 1 belong'],
  ])('refuses %s', (_, columns, message) => {
    expect(() => assertUntyped({ origin, columns: [columns] })).toThrow(expect.objectContaining({ code: 'encode', message }))
  })

  it.each([
    ['no origin', undefined, 'a batch whose origin is of type Undefined, not Object'],
    ['no id', { kind: 'target' }, 'an origin whose id is of type Undefined, not String'],
    ['a number as its id', { kind: 'target', id: 5 }, 'an origin whose id is of type Number, not String'],
    ['no kind', { id: 'a' }, 'an origin whose kind is of type Undefined, not String'],
    ['null as its tenant', { ...origin, tenant: null }, 'an origin whose tenant is of type Null, not String'],
    ['null as its URL', { ...origin, url: null }, 'an origin whose url is of type Null, not String'],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => assertUntyped({ origin: wrong, columns: [] })).toThrow(expect.objectContaining({ code: 'encode', message }))
  })
})
