/** Offset of the first byte that cannot be part of valid UTF-8, or -1. For error messages: `isUtf8` of node:buffer is the fast check. */
export function findInvalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; ) {
    const length = sequenceLength(bytes, at, end)
    if (length === 0) return at
    at += length
  }
  return -1
}

/** Length of the valid sequence at `at`, 0 where there is none. Refuses overlong forms, surrogates and what lies beyond U+10FFFF. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  if (at + length > end) return 0
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1]!
  if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return 0
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0
  return length
}
