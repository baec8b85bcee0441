import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { murmur2, partitionOf } from './murmur2.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('murmur2()', () => {
  it.each([
    // Kafka's own vectors: UtilsTest.java, testMurmur2.
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('%s', (key, hash) => {
    expect(murmur2(bytes(key))).toBe(hash)
  })
})

describe('partitionOf()', () => {
  it('is always one of the partitions, and always the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
        const partition = partitionOf(key, partitions)
        expect(partition).toBeGreaterThanOrEqual(0)
        expect(partition).toBeLessThan(partitions)
        expect(partitionOf(key.slice(), partitions)).toBe(partition)
      }),
    )
  })

  it("agrees with kafkajs' Java-compatible partitioner", () => {
    const partitioner = kafkajs.Partitioners.DefaultPartitioner()
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 64 }), (key, partitions) => {
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
          partitionId,
          partitionErrorCode: 0,
          leader: 1,
          replicas: [1],
          isr: [1],
        }))
        const message = { key: Buffer.from(key), value: '' }
        expect(partitionOf(key, partitions)).toBe(partitioner({ topic: 't', partitionMetadata, message }))
      }),
    )
  })
})
