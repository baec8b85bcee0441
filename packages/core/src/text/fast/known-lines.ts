/**
 * Sample lines as they stood on a page, each from behind the line before (comments in front of it are a part of it) up to its value:
 * `# TYPE a gauge\na{b="c"} `. One array holds them all, at the size that they need.
 */
export interface KnownLines {
  readonly count: number
  readonly bytes: Uint8Array
  /** Over `bytes`. */
  readonly view: DataView
  /** For each line its end in `bytes`, shifted left by one; the lowest bit says whether its value is kept. */
  readonly marks: Int32Array
}

/** Gathers lines out of a body and out of other known lines. */
export class KnownLinesBuilder {
  readonly #pieces: Uint8Array[] = []
  readonly #marks: number[] = []
  #size = 0

  /** A line whose bytes up to its value are these. They must stay as they are until `build`. */
  add(bytes: Uint8Array, isKept: boolean): void {
    this.#pieces.push(bytes)
    this.#size += bytes.length
    this.#marks.push((this.#size << 1) | (isKept ? 1 : 0))
  }

  /** Lines `from` to `to`, exclusive, of others. */
  addLines(lines: KnownLines, from: number, to: number): void {
    const start = startOfLine(lines, from)
    const end = startOfLine(lines, to)
    this.#pieces.push(lines.bytes.subarray(start, end))
    const shift = (this.#size - start) << 1
    for (let i = from; i < to; i++) this.#marks.push(lines.marks[i]! + shift)
    this.#size += end - start
  }

  build(): KnownLines {
    const bytes = new Uint8Array(this.#size)
    let at = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, at)
      at += piece.length
    }
    return { count: this.#marks.length, bytes, view: new DataView(bytes.buffer), marks: Int32Array.from(this.#marks) }
  }
}

/** Where line `i` begins in the bytes of known lines; for their count, where they end. */
export function startOfLine({ marks }: KnownLines, i: number): number {
  return i === 0 ? 0 : marks[i - 1]! >>> 1
}
