import { describe, expect, it } from 'vitest'
import type { MetricMetadata } from '../model/metadata.js'
import { MetadataIds } from './metadata-ids.js'

function metadataOf(name: string, help = ''): MetricMetadata {
  return { name, help, type: 'gauge', unit: '' }
}

describe('the ids of metadata', () => {
  it('are found by what it says', () => {
    const ids = new MetadataIds()
    ids.add(metadataOf('a'), 1)
    ids.add(metadataOf('a', 'other'), 2)
    ids.add(metadataOf('b'), 3)
    expect([metadataOf('a'), metadataOf('a', 'other'), metadataOf('b')].map((one) => ids.get(one))).toEqual([1, 2, 3])
    expect([metadataOf('c'), metadataOf('b', 'other'), { ...metadataOf('b'), unit: 's' }].map((one) => ids.get(one))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    ids.delete(metadataOf('a'))
    ids.delete(metadataOf('b'))
    ids.delete(metadataOf('c'))
    expect([metadataOf('a'), metadataOf('a', 'other'), metadataOf('b')].map((one) => ids.get(one))).toEqual([undefined, 2, undefined])
  })

  it('are bounded', () => {
    const ids = new MetadataIds()
    for (let i = 0; i < 10_000; i++) ids.add(metadataOf(`family_${i}`), i)
    expect(ids.get(metadataOf('family_0'))).toBeUndefined()
    expect(ids.get(metadataOf('family_9999'))).toBe(9999)
  })
})
