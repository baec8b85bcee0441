import { createHash } from 'node:crypto'

/** The last eight bytes of the text's MD5, as an unsigned big-endian number, modulo `modulus`: spreads targets over agents. */
export function hashmod(text: string, modulus: bigint): bigint {
  return createHash('md5').update(text, 'utf8').digest().readBigUInt64BE(8) % modulus
}
