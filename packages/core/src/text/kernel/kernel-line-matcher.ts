/**
 * LineMatcher by WebAssembly: the same lines, sixteen bytes at a time, and numbers of sixteen digits and more without leaving the loop.
 *
 * Exploits SIMD and integers of 64 bits, which plain JavaScript does not have. Known lines stay where they are: those of one call are
 * copied into the kernel's memory first, so that nobody has to own and free that memory line by line.
 *
 * Measured (Node 20, against LineMatcher on the same pages): 1.3 to 2.2 times as fast a line, a whole scrape 1.1 to 1.5 times.
 * `pnpm bench parse`
 *
 * Kept honest by kernel-line-matcher.test.ts, where both read the same bodies, and by test/kernel.test.ts: the binary is
 * what its source says.
 */
import { endOfLine, type KnownLines, startOfLine } from '../fast/known-lines.js'
import { type Column, LineMatcher } from '../fast/line-matcher.js'
import { type Kernel, loadKernel, maxBodyBytes, maxKnownBytes, maxLines, stopReason } from './kernel.js'

const lineFeed = 0x0a
const noBytes = new Uint8Array(0)

/** A matcher by WebAssembly, where that is wanted and can be had; else the plain one. */
export function createLineMatcher(webAssembly: boolean): LineMatcher {
  const kernel = webAssembly ? loadKernel() : undefined
  return kernel === undefined ? new LineMatcher() : new KernelLineMatcher(kernel)
}

export class KernelLineMatcher extends LineMatcher {
  readonly #kernel: Kernel
  #body: Uint8Array = noBytes
  /** The part of the body that the kernel has: whole lines. */
  #windowStart = 0
  #windowEnd = 0

  constructor(kernel: Kernel) {
    super()
    this.#kernel = kernel
  }

  override read(body: Uint8Array): void {
    super.read(body)
    this.#body = body
    this.#windowStart = 0
    this.#windowEnd = 0
  }

  override matchLines(lines: KnownLines, i: number, { values, length }: Column): number {
    const { state, valuesOf } = this.#kernel
    let place = i
    let row = length
    while (place < lines.count) {
      const to = this.#lastOf(lines, place)
      if (to > place && this.#hasWindow()) {
        place += this.#match(lines, place, to)
        const rows = state[1]!
        if (rows > 0) values.set(valuesOf(rows), row)
        row += rows
        if (place === to || this.#leftWindow()) continue
        if (state[2] !== stopReason.oddNumber && state[2] !== stopReason.windowEnd) break
      }
      if (!this.#matchOne(lines, place)) break
      values[row] = this.value
      row += lines.marks[place]! & 1
      place++
    }
    return place - i
  }

  /** Whether there is more of the body than the kernel has read: the next window begins with the next line then. */
  #leftWindow(): boolean {
    const isLeft = this.#kernel.state[2] === stopReason.windowEnd && this.at > this.#windowStart && this.#windowEnd < this.end
    if (isLeft) this.#windowEnd = 0
    return isLeft
  }

  /** Behind the last line, from `place` on, that the kernel has room for. */
  #lastOf(lines: KnownLines, place: number): number {
    const start = startOfLine(lines, place)
    let to = Math.min(lines.count, place + maxLines)
    while (to > place && endOfLine(lines, to - 1) - start > maxKnownBytes) to--
    return to
  }

  /** Whether the kernel has the body from `at` on, one line of it at least. */
  #hasWindow(): boolean {
    const { at, end } = this
    if (this.#kernel.owner === this && at >= this.#windowStart && at < this.#windowEnd) return true
    const to = Math.min(end, at + maxBodyBytes)
    this.#windowStart = at
    this.#windowEnd = to === end ? to : this.#body.lastIndexOf(lineFeed, to - 1) + 1
    if (this.#windowEnd <= at) return false
    this.#kernel.owner = this
    this.#kernel.body.set(this.#body.subarray(at, this.#windowEnd))
    return true
  }

  #match(lines: KnownLines, from: number, to: number): number {
    const { state } = this.#kernel
    const held = this.#hold(lines, from, to)
    state[0] = startOfLine(lines, held)
    state[1] = from - held
    const matched = this.#kernel.matchLines(this.at - this.#windowStart, this.#windowEnd - this.#windowStart, to - held)
    this.at = this.#windowStart + state[0]
    return matched
  }

  /** Sees to it that the kernel holds some lines. Returns the first that it holds: behind a line that was missed it has the rest already. */
  #hold(lines: KnownLines, from: number, to: number): number {
    const { held, known, marks } = this.#kernel
    if (held?.lines === lines && held.from <= from && to <= held.to) return held.from
    if (from === 0 && to === lines.marks.length) {
      known.set(lines.bytes)
      marks.set(lines.marks)
    } else {
      known.set(lines.bytes.subarray(startOfLine(lines, from), endOfLine(lines, to - 1)))
      marks.set(lines.marks.subarray(from, to))
    }
    this.#kernel.held = { lines, from, to }
    return from
  }

  /** One line by JavaScript, whose number is then `value`; `at` stays where it is no match. */
  #matchOne(lines: KnownLines, place: number): boolean {
    const start = this.at
    if (this.matchLine(lines, place) && this.#body[this.at] === lineFeed) {
      this.at++
      return true
    }
    this.at = start
    return false
  }
}
