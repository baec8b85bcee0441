/** Small helpers on bytes that the model's packed forms share. */

const encoder = new TextEncoder()

/** UTF-8 bytes of a string. Lone surrogates become U+FFFD: check `isWellFormed()` first where that matters. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The string of bytes that are known to be valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}

/** FNV-1a, 32 bits: spreads short keys well enough for tables and list boundaries, in a multiply a byte. */
export function hashBytes(bytes: Uint8Array, range: { start?: number; end?: number; seed?: number } = {}): number {
  let hash = range.seed ?? 0x811c9dc5
  const end = range.end ?? bytes.length
  for (let i = range.start ?? 0; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash >>> 0
}

/** The same bytes, to be read and written several at a time. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Whether a short text stands in `bytes` at an offset: one byte after the other, with nothing made for it. It must fit there. */
export function standsAt(text: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
  return true
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

/** Size of an unsigned LEB128 varint of a value below 2^32. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

/** Writes an unsigned LEB128 varint (value below 2^32) and returns the offset after it. */
export function writeVarint(target: Uint8Array, offset: number, value: number): number {
  while (value > 0x7f) {
    target[offset++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  target[offset++] = value
  return offset
}

/** The unsigned LEB128 varint (value below 2^32) at an offset. */
export function varintAt(bytes: Uint8Array, at: number): number {
  let value = bytes[at]!
  if (value < 0x80) return value
  value &= 0x7f
  for (let shift = 7; ; shift += 7) {
    const byte = bytes[++at]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
}

/** The offset after the varint at an offset. */
export function afterVarint(bytes: Uint8Array, at: number): number {
  while (bytes[at]! >= 0x80) at++
  return at + 1
}

/** Orders strings by Unicode code point, which is the order of their UTF-8 bytes. JavaScript's own order is by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return surrogatesLast(x) - surrogatesLast(y)
  }
  return a.length - b.length
}

/** Moves the surrogates D800-DFFF above E000-FFFF, where the code points that they stand for belong. */
function surrogatesLast(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
