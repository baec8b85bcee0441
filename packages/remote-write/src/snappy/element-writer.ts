/** Copies reach back this far: offsets of 16 bits. */
export const maxOffset: number = 2 ** 16 - 1
/** A copy shorter than this saves nothing. */
export const minCopy = 4
/** A literal is divided above this: its length stands in 16 bits. */
export const maxLiteral: number = 2 ** 16

/** A copy is divided above this: its length stands in 6 bits. */
const maxCopy = 64
/** One that is let go when the next block is much smaller: the elements of some 10,000 samples. */
const maxKeptBytes = 512 * 1024

/**
 * Writes the elements of Snappy's block format. One object serves block after block.
 *
 *     00 literal: length - 1 in the tag (below 60), or in one byte (tag 60) or two (61) after it, then the bytes
 *     01 copy: length 4..11, offset of 11 bits;  10 copy: length 1..64, offset of 16 bits
 *
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export class ElementWriter {
  /** Where elements stand; only bytes of a literal are written from outside. */
  bytes: Uint8Array = new Uint8Array(0)
  #length = 0

  /** Begins anew, with room for the elements of so much content. */
  reset(contentLength: number): void {
    // A literal has at most 3 bytes of tag to its bytes, and there is at least one byte of it, and 4 of a copy of 2 or 3, to each.
    const needed = contentLength + Math.ceil(contentLength / 4) + 16
    if (this.bytes.length < needed || (this.bytes.length > maxKeptBytes && this.bytes.length > 4 * needed)) {
      this.bytes = new Uint8Array(needed)
    }
    this.#length = 0
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.#length)
  }

  /** The tag of a literal of 1 to `maxLiteral` bytes. Returns where its bytes go, which the caller writes. */
  literal(length: number): number {
    const { bytes } = this
    const last = length - 1
    let at = this.#length
    if (last < 60) bytes[at++] = last << 2
    else if (last < 256) {
      bytes[at++] = 60 << 2
      bytes[at++] = last
    } else {
      bytes[at++] = 61 << 2
      bytes[at++] = last & 0xff
      bytes[at++] = last >>> 8
    }
    this.#length = at + length
    return at
  }

  /** @param offset 1 to `maxOffset`. @param length at least `minCopy`. */
  copy(offset: number, length: number): void {
    let left = length
    for (; left >= maxCopy + minCopy; left -= maxCopy) this.#longCopy(offset, maxCopy)
    if (left > maxCopy) {
      this.#longCopy(offset, maxCopy - minCopy)
      left -= maxCopy - minCopy
    }
    if (left >= 12 || offset >= 2048) this.#longCopy(offset, left)
    else {
      this.bytes[this.#length++] = ((offset >>> 8) << 5) | ((left - minCopy) << 2) | 1
      this.bytes[this.#length++] = offset & 0xff
    }
  }

  #longCopy(offset: number, length: number): void {
    this.bytes[this.#length++] = ((length - 1) << 2) | 2
    this.bytes[this.#length++] = offset & 0xff
    this.bytes[this.#length++] = offset >>> 8
  }
}
