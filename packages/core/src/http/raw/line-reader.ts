import { maxHeadBytes } from '../transport.js'
import { headLimitError, protocolError } from './protocol-error.js'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const nothing = Buffer.alloc(0)

/** Reads the lines of a head or of trailers, which may be cut anywhere, and counts their bytes up to the limit. */
export class LineReader {
  #line = ''
  /** What came of a line whose end has not. */
  #partial: Buffer = nothing
  #size = 0

  /** The line that was read last, without its end; or what came of it, where its end has not. */
  get line(): string {
    return this.#line
  }

  /**
   * Reads on at an offset. Returns the offset after the next line; undefined where the bytes end before the line does, of which they are
   * kept then. Throws a PromlineError: `limit`, or `protocol` for a line of kind `what` that does not end in CRLF.
   */
  read(bytes: Buffer, start: number, what: string): number | undefined {
    const end = bytes.indexOf(lineFeed, start)
    const next = end < 0 ? bytes.length : end + 1
    this.#size += next - start
    if (this.#size > maxHeadBytes) throw headLimitError()
    // Nearly every line is there as a whole, and needs no buffer of its own.
    if (end >= 0 && this.#partial.length === 0) {
      this.#take(bytes, start, { next, what })
      return next
    }
    const joined = Buffer.concat([this.#partial, bytes.subarray(start, next)])
    if (end < 0) {
      this.#partial = joined
      this.#line = joined.toString('latin1')
      return undefined
    }
    this.#partial = nothing
    this.#take(joined, 0, { next: joined.length, what })
    return next
  }

  #take(bytes: Buffer, start: number, { next, what }: { readonly next: number; readonly what: string }): void {
    if (next - 2 < start || bytes[next - 2] !== carriageReturn) throw protocolError(`Missing expected CR after ${what}`)
    this.#line = bytes.toString('latin1', start, next - 2)
  }
}
