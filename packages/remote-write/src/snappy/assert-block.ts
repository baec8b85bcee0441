import { PromlineError } from '@promline/core'

/** What a block says of itself. */
export interface BlockShape {
  /** Length of the content. */
  readonly length: number
  /** Whether the last element is a literal of a few bytes whose length has more bytes than it needs: legal, and rare. */
  readonly endsInWideLiteral: boolean
}

/** Bytes of a varint of 32 bits, at most. */
const maxVarintBytes = 5
/** A literal's length beyond 60 stands in 1 to 4 bytes after the tag. */
const longLiteral = 60
/** snappyjs wants this many bytes after the tag of a literal with a long length, whatever it says. */
const snappyjsLookahead = 4

/**
 * Walks a block in Snappy's format without output, and throws a PromlineError where a decompressor would have to guess: `limit` for a
 * declared length above the limit (before anything is allocated), `decode` for everything else. A block is
 *
 *     varint(length of content, below 2^32), then elements that produce exactly this many bytes:
 *     00 literal: length - 1 in the tag, or (60..63) in 1 to 4 bytes after it, then the bytes
 *     01 copy: length 4..11 in the tag, offset of 11 bits;  10 copy: length 1..64, offset of 16 bits;  11 copy: offset of 32 bits
 *
 * where an offset is at least 1 and at most what was produced so far. https://github.com/google/snappy/blob/main/format_description.txt
 */
export function assertBlock(block: Uint8Array, maxBytes: number): BlockShape {
  const { length, next } = readLength(block)
  if (length > maxBytes) {
    throw new PromlineError('limit', `snappy: declared length ${length} is above the limit of ${maxBytes} bytes`, {
      facts: { length, maxBytes },
    })
  }
  const element: Element = { produces: 0, next, offset: undefined }
  let produced = 0
  let endsInWideLiteral = false
  while (element.next < block.length) {
    const at = element.next
    readElement(block, element)
    if (element.next > block.length) throw refuse(at, 'the block ends in the middle of an element')
    const { offset } = element
    if (offset !== undefined && (offset === 0 || offset > produced)) throw refuse(at, `copy with offset ${offset} after ${produced} bytes`)
    produced += element.produces
    if (produced > length) throw refuse(at, `more content than the declared ${length} bytes`)
    endsInWideLiteral = isLongLiteral(block[at]!) && block.length - at - 1 < snappyjsLookahead
  }
  if (produced !== length) throw refuse(block.length, `${produced} bytes of content where ${length} were declared`)
  return { length, endsInWideLiteral }
}

interface Element {
  produces: number
  /** Where the next element begins. */
  next: number
  /** Of a copy; undefined where there is nothing to check. */
  offset: number | undefined
}

function readElement(block: Uint8Array, element: Element): void {
  const at = element.next
  const tag = block[at]!
  const kind = tag & 3
  if (kind === 0) {
    const lengthBytes = isLongLiteral(tag) ? (tag >>> 2) - longLiteral + 1 : 0
    element.produces = (lengthBytes === 0 ? tag >>> 2 : readInteger(block, at + 1, lengthBytes)) + 1
    element.next = at + 1 + lengthBytes + element.produces
    element.offset = undefined
  } else if (kind === 1) {
    element.produces = ((tag >>> 2) & 7) + 4
    element.next = at + 2
    element.offset = ((tag >>> 5) << 8) | (block[at + 1] ?? 0)
  } else {
    const offsetBytes = kind === 2 ? 2 : 4
    element.produces = (tag >>> 2) + 1
    element.next = at + 1 + offsetBytes
    element.offset = readInteger(block, at + 1, offsetBytes)
  }
}

function isLongLiteral(tag: number): boolean {
  return (tag & 3) === 0 && tag >>> 2 >= longLiteral
}

function readLength(block: Uint8Array): { length: number; next: number } {
  let length = 0
  for (let i = 0; i < maxVarintBytes; i++) {
    const byte = block[i]
    if (byte === undefined) throw refuse(i, 'the block ends in its declared length')
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) {
      if (length >= 2 ** 32) break
      return { length, next: i + 1 }
    }
  }
  throw refuse(0, 'the declared length is not a varint of 32 bits')
}

/** A little-endian integer of 1 to 4 bytes; missing bytes count as 0, since the caller refuses a block that ends early. */
function readInteger(block: Uint8Array, at: number, bytes: number): number {
  let value = 0
  for (let i = 0; i < bytes; i++) value += (block[at + i] ?? 0) * 2 ** (8 * i)
  return value
}

function refuse(offset: number, message: string): PromlineError {
  return new PromlineError('decode', `snappy: offset ${offset}: ${message}`, { facts: { offset } })
}
