import { copyRange } from '../../model/byte-range.js'
import { viewOf } from '../../model/bytes.js'
import { LastView } from '../../model/last-view.js'

/** What becomes of the value of a known line. */
export const lineKind = {
  /** Nothing: relabelling drops the line. */
  dropped: 0,
  /** It is the next row. */
  row: 1,
  /** That must be found out anew: it is a second sample of its series, or was refused. */
  other: 2,
} as const
export type LineKind = (typeof lineKind)[keyof typeof lineKind]

/**
 * Sample lines as they stood on a page, each from behind the line before (comments in front of it are a part of it) up to its value:
 * `# TYPE a gauge\na{b="c"} `. One array holds them all, at the size that they need.
 */
export interface KnownLines {
  readonly count: number
  readonly bytes: Uint8Array
  /** Over `bytes`. */
  readonly view: DataView
  /** For each line its end in `bytes`, shifted left by two; the lowest two bits are its kind. */
  readonly marks: Int32Array
}

const noBytes = new Uint8Array(0)
const noView = viewOf(noBytes)
const noMarks = new Int32Array(0)
/** The least that a builder takes once it is used: enough for the few lines that change on a usual page. */
const minBytes = 512
const minLines = 16

/** Gathers lines out of a body and out of other known lines. May be used again after `build`. */
export class KnownLinesBuilder {
  #bytes: Uint8Array<ArrayBuffer> = noBytes
  #view: DataView = noView
  #size = 0
  #marks: Int32Array = noMarks
  #count = 0
  /** Mostly a window of the body. */
  readonly #source = new LastView()

  get count(): number {
    return this.#count
  }

  /** Bytes that it has room for. */
  get room(): number {
    return this.#bytes.length
  }

  /** The bytes so far, only to be looked at until the next line is added. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size)
  }

  /** A line that stands in `bytes`. They are copied. */
  add(bytes: Uint8Array, range: { readonly start: number; readonly end: number }, kind: LineKind): void {
    const { start, end } = range
    this.#reserve(end - start, 1)
    this.#size = copyRange({ view: this.#source.of(bytes), start, end }, this.#view, this.#size)
    this.#marks[this.#count++] = (this.#size << 2) | kind
  }

  /** Lines `from` to `to`, exclusive, of others. */
  addLines(lines: KnownLines, from: number, to: number): void {
    const start = startOfLine(lines, from)
    const end = startOfLine(lines, to)
    this.#reserve(end - start, to - from)
    this.#bytes.set(lines.bytes.subarray(start, end), this.#size)
    const shift = (this.#size - start) << 2
    for (let i = from; i < to; i++) this.#marks[this.#count++] = lines.marks[i]! + shift
    this.#size += end - start
  }

  /** The lines, at the size that they need. */
  build(): KnownLines {
    const bytes = this.#bytes.slice(0, this.#size)
    const lines = { count: this.#count, bytes, view: new DataView(bytes.buffer), marks: this.#marks.slice(0, this.#count) }
    this.#size = 0
    this.#count = 0
    this.#source.forget()
    return lines
  }

  #reserve(bytes: number, lines: number): void {
    if (this.#size + bytes > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(minBytes, 2 * (this.#size + bytes)))
      grown.set(this.#bytes.subarray(0, this.#size))
      this.#bytes = grown
      this.#view = viewOf(grown)
    }
    if (this.#count + lines > this.#marks.length) {
      const grown = new Int32Array(Math.max(minLines, 2 * (this.#count + lines)))
      grown.set(this.#marks.subarray(0, this.#count))
      this.#marks = grown
    }
  }
}

/** Where line `i` begins in the bytes of known lines; for their count, where they end. */
export function startOfLine({ marks }: KnownLines, i: number): number {
  return i === 0 ? 0 : marks[i - 1]! >>> 2
}

/** Where line `i` ends in the bytes of known lines. */
export function endOfLine({ marks }: KnownLines, i: number): number {
  return marks[i]! >>> 2
}

export function kindOfLine({ marks }: KnownLines, i: number): LineKind {
  const kind = marks[i]! & 3
  return kind === lineKind.row ? lineKind.row : kind === lineKind.dropped ? lineKind.dropped : lineKind.other
}
