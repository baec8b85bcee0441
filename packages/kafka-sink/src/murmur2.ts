/**
 * The 32-bit hash that Java's producer partitions by, as a signed number.
 * https://github.com/apache/kafka/blob/trunk/clients/src/main/java/org/apache/kafka/common/utils/Utils.java (`murmur2`)
 */
export function murmur2(key: Uint8Array): number {
  const { length } = key
  const whole = length - (length % 4)
  let hash = seed ^ length
  for (let i = 0; i < whole; i += 4) {
    let word = key[i]! | (key[i + 1]! << 8) | (key[i + 2]! << 16) | (key[i + 3]! << 24)
    word = Math.imul(word, multiplier)
    word ^= word >>> shift
    word = Math.imul(word, multiplier)
    hash = Math.imul(hash, multiplier) ^ word
  }
  if (whole < length) {
    for (let i = length - 1; i >= whole; i--) hash ^= key[i]! << (8 * (i - whole))
    hash = Math.imul(hash, multiplier)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, multiplier)
  return hash ^ (hash >>> 15)
}

const seed = 0x9747b28c
const multiplier = 0x5bd1e995
const shift = 24

/** The partition of a key, as Java's default partitioner chooses it: the hash without its sign, modulo the number of partitions. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return partitions === 1 ? 0 : partitionOfHash(murmur2(key), partitions)
}

/** The same by the key's hash. */
export function partitionOfHash(hash: number, partitions: number): number {
  return (hash & 0x7fffffff) % partitions
}
