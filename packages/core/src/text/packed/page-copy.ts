import type { TextScanner } from './text-scanner.js'
import { PackedText } from './packed-entry.js'

/** So that who keeps one line of a page keeps no more than this in memory, unless the line is longer. */
const chunkBytes = 16_384

/** Copies of what is kept of a body, in chunks that last as long as somebody refers to them. Small pages share one. */
export class PageCopy {
  readonly #scanner: TextScanner
  #bytes: Uint8Array = new Uint8Array(0)
  /** Behind what was copied into the chunk. */
  #used = 0
  /** Up to where the body was copied; how much further than in the body that stands in the chunk. */
  #end = 0
  #shift = 0

  constructor(scanner: TextScanner) {
    this.#scanner = scanner
  }

  /** Begins another body. */
  begin(): void {
    this.#end = 0
  }

  /** Lets go of a chunk that one long line needed. */
  release(): void {
    if (this.#bytes.length <= chunkBytes) return
    this.#bytes = new Uint8Array(0)
    this.#used = 0
  }

  /** What was copied last. It stays as it is. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /**
   * Where in `bytes` stands what the body has from `start` to `end`. Who asks for one range after the other asks for them in the order of
   * the body.
   */
  place(start: number, end: number): number {
    if (end > this.#end) this.#copy(start, end)
    return start + this.#shift
  }

  text(start: number, end: number): PackedText {
    const place = this.place(start, end)
    return new PackedText(this.#bytes, place, place + end - start)
  }

  /** Copies a range, and of what comes after it as much as the chunk has room for: one long copy costs less than many short ones. */
  #copy(start: number, end: number): void {
    const { body } = this.#scanner
    if (this.#used + end - start > this.#bytes.length) {
      // Nobody reads what is not written.
      this.#bytes = new Uint8Array(Buffer.allocUnsafeSlow(Math.max(end - start, chunkBytes)).buffer)
      this.#used = 0
    }
    this.#end = Math.min(start + this.#bytes.length - this.#used, body.length)
    this.#shift = this.#used - start
    this.#bytes.set(body.subarray(start, this.#end), this.#used)
    this.#used += this.#end - start
  }
}
