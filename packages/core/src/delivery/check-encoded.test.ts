import { describe, expect, it } from 'vitest'
import { createMemorySink } from '../testing/memory-sink.js'
import { checkEncoded } from './check-encoded.js'

const counts = { samples: 1, histograms: 0, exemplars: 0 }
const part = { part: 'p', body: [], bytes: 1, counts }

/** As a program without types calls it. */
function check(encoded: unknown, maxBodyBytes?: number): unknown {
  const sink = createMemorySink({ name: 's', ...(maxBodyBytes !== undefined && { maxBodyBytes }) })
  return Reflect.apply(checkEncoded, undefined, [encoded, sink])
}

describe('checkEncoded()', () => {
  it.each<readonly [string, unknown, number | undefined]>([
    ['no parts', [], undefined],
    ['a part', [part], 1_000],
    ['parts that dropped something', [{ ...part, dropped: [{ reason: 'nan', counts }] }, part], undefined],
    ['bytes that nobody needs', [{ ...part, bytes: undefined }], undefined],
  ])('gives back %s', (_, encoded, maxBodyBytes) => {
    expect(check(encoded, maxBodyBytes)).toBe(encoded)
  })

  it.each<readonly [string, unknown, string]>([
    ['nothing', undefined, 'undefined, and not a list of parts'],
    ['a promise', Promise.resolve([part]), 'a promise, and not a list of parts'],
    ['a part that is in no list', part, 'an object, and not a list of parts'],
    ['a part that is none', [null], 'null among the parts'],
    ['a part without counts', [{ ...part, counts: undefined }], 'a part whose counts are undefined'],
    ['counts that are a number', [part, { ...part, counts: 5 }], 'a part whose counts are 5'],
    ['a single thing dropped', [{ ...part, dropped: { reason: 'x', counts } }], 'a part whose dropped is an object, and not a list'],
    ['something dropped that is nothing', [{ ...part, dropped: [null] }], 'a part whose dropped holds null'],
    [
      'something dropped without counts',
      [{ ...part, dropped: [{ reason: 'x' }] }],
      'a part that dropped something whose counts are undefined',
    ],
    ['no bytes', [{ ...part, bytes: undefined }], 'a part of undefined bytes, and its bodies have a limit'],
    ['bytes that are no number', [{ ...part, bytes: '5' }], 'a part of "5" bytes, and its bodies have a limit'],
    ['NaN bytes', [{ ...part, bytes: Number.NaN }], 'a part of NaN bytes, and its bodies have a limit'],
  ])('refuses %s', (_, encoded, message) => {
    expect(() => check(encoded, 1_000)).toThrow(expect.objectContaining({ code: 'contract', message: `sink "s": encode gave ${message}` }))
  })

  it('refuses a promise that is broken, and hears of it', () => {
    expect(() => check(Promise.reject(new Error('x')))).toThrow('sink "s": encode gave a promise, and not a list of parts')
  })

  it.each<readonly [string, unknown, unknown]>([
    ['left out', { samples: 5 }, { samples: 5, histograms: 0, exemplars: 0 }],
    ['NaN', { samples: Number.NaN, histograms: 2, exemplars: 0 }, { samples: 0, histograms: 2, exemplars: 0 }],
    ['negative', { samples: 1, histograms: 0, exemplars: -3 }, { samples: 1, histograms: 0, exemplars: 0 }],
    ['a fraction', { samples: 1.5, histograms: 0, exemplars: 0 }, { samples: 1, histograms: 0, exemplars: 0 }],
  ])('counts nothing where a kind is %s', (_, claimed, expected) => {
    const given = { ...part, counts: claimed, dropped: [{ reason: 'x', counts: claimed }] }
    expect(check([part, given])).toEqual([part, { ...given, counts: expected, dropped: [{ reason: 'x', counts: expected }] }])
  })
})
