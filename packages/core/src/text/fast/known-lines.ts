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

/** Lines of a body: where each of them begins, where its value begins, and whether its value is kept. */
export interface LineSpans {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly keeps: readonly boolean[]
}

/** Copies lines out of a body. */
export function createKnownLines(body: Uint8Array, { starts, ends, keeps }: LineSpans): KnownLines {
  const marks = new Int32Array(starts.length)
  let size = 0
  for (let i = 0; i < starts.length; i++) {
    size += ends[i]! - starts[i]!
    marks[i] = (size << 1) | (keeps[i] === true ? 1 : 0)
  }
  const bytes = new Uint8Array(size)
  for (let i = 0, to = 0; i < starts.length; i++) {
    for (let from = starts[i]!; from < ends[i]!; from++, to++) bytes[to] = body[from]!
  }
  return { count: starts.length, bytes, view: new DataView(bytes.buffer), marks }
}

/** Where line `i` begins in the bytes of known lines. */
export function startOfLine({ marks }: KnownLines, i: number): number {
  return i === 0 ? 0 : marks[i - 1]! >>> 1
}
