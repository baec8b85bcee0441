import { maxOffset, minCopy } from '../../snappy/element-writer.js'

/** 16,384 places: a list of the usual length has some 2,000 texts to find again. */
const tableBits = 14
/** Candidates that are looked at: with 8 the elements are 5 to 10 % smaller than with the latest alone, and with 64 another 2 %. */
const maxCandidates = 8

/**
 * Finds the longest of the latest places where the same symbols stand: hash chains over four symbols, as in LZ77. What it is used for is
 * compressed once and sent many times, so it looks further than a compressor that meets its content for the only time.
 */
export class MatchFinder {
  /** Of each hash, where it was seen last, plus 1. */
  readonly #latest = new Int32Array(1 << tableBits)
  /** Of each place, where its hash was seen before that, plus 1. */
  #before = new Int32Array(0)
  #symbols: Uint16Array = new Uint16Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** Of the match that was found: how many symbols, and how far back they stand. */
  length = 0
  offset = 0

  /** Begins anew with other symbols. */
  reset(symbols: Uint16Array): void {
    const { length } = symbols
    this.#symbols = symbols
    this.#view = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength)
    if (this.#before.length < length || this.#before.length > 16 * length) this.#before = new Int32Array(length)
    this.#latest.fill(0)
  }

  /** Remembers a place that has four symbols. */
  add(at: number): void {
    const hash = this.#hashAt(at)
    this.#before[at] = this.#latest[hash]!
    this.#latest[hash] = at + 1
  }

  /** Finds a match for a place that has four symbols, and remembers the place. False: there is none of four symbols. */
  find(at: number): boolean {
    const symbols = this.#symbols
    const hash = this.#hashAt(at)
    this.length = minCopy - 1
    let candidate = this.#latest[hash]! - 1
    this.#before[at] = candidate + 1
    this.#latest[hash] = at + 1
    for (let left = maxCandidates; left > 0 && candidate >= 0 && at - candidate <= maxOffset; left--) {
      // Only what is equal one symbol further than the best so far can be better.
      if (symbols[candidate + this.length] === symbols[at + this.length]) {
        const length = this.#matchLength(candidate, at)
        if (length > this.length) {
          this.length = length
          this.offset = at - candidate
        }
      }
      candidate = this.#before[candidate]! - 1
    }
    return this.length >= minCopy
  }

  #matchLength(candidate: number, at: number): number {
    const symbols = this.#symbols
    let end = at
    while (end < symbols.length && symbols[end] === symbols[candidate]) {
      end++
      candidate++
    }
    return end - at
  }

  #hashAt(at: number): number {
    const first = Math.imul(this.#view.getInt32(2 * at, true), 0x1e35a7bd)
    return (first ^ Math.imul(this.#view.getInt32(2 * at + 4, true), 0x9e3779b1)) >>> (32 - tableBits)
  }
}
