/** Copies reach back this far: offsets of 16 bits. */
export const maxOffset: number = 2 ** 16 - 1

/** A copy of one byte less cannot have the short form, and saves nothing. */
const minCopy = 4
/** A copy is divided above this: its length stands in 6 bits. */
const maxCopy = 64
/** The short form of a copy has 3 bits for its length, and 11 for its offset. */
const maxShortCopy = 11
const maxShortOffset = 2047
/** One that is let go when the next block is much smaller: the elements of some 10,000 samples. */
const maxKeptBytes = 512 * 1024

/** Where elements are written: at `length` of `bytes`, where there is room. */
export interface ElementTarget {
  readonly bytes: Uint8Array
  length: number
}

/**
 * Writes a copy of any length, in as many elements as it takes.
 *
 *     01 copy: length 4..11, offset of 11 bits;  10 copy: length 1..64, offset of 16 bits
 */
export function writeCopy(target: ElementTarget, offset: number, length: number): void {
  let left = length
  for (; left >= maxCopy + minCopy; left -= maxCopy) writeLongCopy(target, offset, maxCopy)
  if (left > maxCopy) {
    writeLongCopy(target, offset, maxCopy - minCopy)
    left -= maxCopy - minCopy
  }
  if (left > maxShortCopy || left < minCopy || offset > maxShortOffset) writeLongCopy(target, offset, left)
  else {
    const { bytes } = target
    bytes[target.length++] = ((offset >>> 8) << 5) | ((left - minCopy) << 2) | 1
    bytes[target.length++] = offset & 0xff
  }
}

function writeLongCopy(target: ElementTarget, offset: number, length: number): void {
  const { bytes } = target
  bytes[target.length++] = ((length - 1) << 2) | 2
  bytes[target.length++] = offset & 0xff
  bytes[target.length++] = offset >>> 8
}

/**
 * Writes the elements of Snappy's block format. One object serves block after block.
 *
 *     00 literal: length - 1 in the tag (below 60), or in one byte (tag 60) or two (61) after it, then the bytes
 *     copies: see `writeCopy`
 *
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export class ElementWriter implements ElementTarget {
  /** Where elements stand; only bytes of a literal are written from outside. */
  bytes: Uint8Array = new Uint8Array(0)
  length = 0

  /** Begins anew, with room for the elements of so much content. */
  reset(contentLength: number): void {
    // A literal has at most 3 bytes of tag to its bytes, and there is at least one byte of it, and 4 of a copy of 2 or 3, to each.
    const needed = contentLength + Math.ceil(contentLength / 4) + 16
    if (this.bytes.length < needed || (this.bytes.length > maxKeptBytes && this.bytes.length > 4 * needed)) {
      this.bytes = new Uint8Array(needed)
    }
    this.length = 0
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }

  /** The tag of a literal of 1 to 65,536 bytes. Returns where its bytes go, which the caller writes. */
  literal(length: number): number {
    const { bytes } = this
    const last = length - 1
    let at = this.length
    if (last < 60) bytes[at++] = last << 2
    else if (last < 256) {
      bytes[at++] = 60 << 2
      bytes[at++] = last
    } else {
      bytes[at++] = 61 << 2
      bytes[at++] = last & 0xff
      bytes[at++] = last >>> 8
    }
    this.length = at + length
    return at
  }

  /** @param offset 1 to `maxOffset`. */
  copy(offset: number, length: number): void {
    writeCopy(this, offset, length)
  }
}
