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
    const joined = this.#partial.length === 0 ? bytes.subarray(start, next) : Buffer.concat([this.#partial, bytes.subarray(start, next)])
    if (end < 0) {
      this.#partial = Buffer.from(joined)
      this.#line = joined.toString('latin1')
      return undefined
    }
    this.#partial = nothing
    if (joined.at(-2) !== carriageReturn) throw protocolError(`Missing expected CR after ${what}`)
    this.#line = joined.toString('latin1', 0, joined.length - 2)
    return next
  }
}
