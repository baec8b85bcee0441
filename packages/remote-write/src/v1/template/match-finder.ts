import { maxOffset } from '../../snappy/element-writer.js'

/** A match begins with so many bytes. */
export const wordBytes = 4
/** 8,192 places: a list of the usual length has some 2,000 texts to find again, and the table stays in the fastest cache. */
const tableBits = 13
/** Places count on from message to message, so that the table need not be cleared for each, up to here. */
const maxBase = 2 ** 30
/** Larger memory is let go when it is not needed. */
const maxKeptPlaces = 1024 * 1024

/** Finds where the same bytes stand before, by hash chains over four bytes, as in LZ77. */
export class MatchFinder {
  readonly #candidates: number
  /** Of each hash, where it was seen last, plus the base. */
  readonly #latest = new Int32Array(1 << tableBits)
  /** Of each place that was looked at, where its hash was seen before; below 0: nowhere. Not kept where the latest is the only candidate. */
  #before = new Int32Array(0)
  #base = 1
  #length = 0
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** Where the match ends that was found. */
  end = 0

  /** @param candidates that are looked at: with 4 the elements are 3 to 7 % smaller than with the latest alone. */
  constructor(candidates: number) {
    this.#candidates = candidates
  }

  /** Begins anew, with the first bytes of a view. */
  reset(view: DataView, length: number): void {
    // What was seen in the message before is below the base.
    this.#base += this.#length
    if (this.#base > maxBase) {
      this.#base = 1
      this.#latest.fill(0)
    }
    this.#view = view
    this.#length = length
    if (this.#candidates > 1 && (this.#before.length < length || this.#before.length > maxKeptPlaces)) this.#before = new Int32Array(length)
  }

  /** Looks for bytes like those at `at`, up to `to` at most. Returns how far back they are, and 0 where there are not four of them. */
  find(at: number, to: number): number {
    const view = this.#view
    const word = view.getInt32(at, true)
    let candidate = this.#remember(at, word)
    let offset = 0
    let end = at
    for (let left = this.#candidates; candidate >= 0 && at - candidate <= maxOffset; candidate = this.#before[candidate]!) {
      if (view.getInt32(candidate, true) === word) {
        const candidateEnd = matchEnd(view, { at: at + wordBytes, offset: at - candidate, to })
        if (candidateEnd > end) {
          end = candidateEnd
          offset = at - candidate
        }
      }
      if (--left === 0) break
    }
    this.end = end
    return offset
  }

  /** Returns where the hash was seen before. */
  #remember(at: number, word: number): number {
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - tableBits)
    const candidate = this.#latest[slot]! - this.#base
    this.#latest[slot] = at + this.#base
    if (this.#candidates > 1) this.#before[at] = candidate
    return candidate
  }
}

/** How far the bytes at `at` are those that stand `offset` before. */
function matchEnd(view: DataView, match: { readonly at: number; readonly offset: number; readonly to: number }): number {
  const { offset, to } = match
  let { at } = match
  for (const last = to - wordBytes; at <= last; at += wordBytes) {
    const difference = view.getInt32(at, true) ^ view.getInt32(at - offset, true)
    // The lowest bit that differs is in the first byte that does.
    if (difference !== 0) return at + ((31 - Math.clz32(difference & -difference)) >>> 3)
  }
  while (at < to && view.getUint8(at) === view.getUint8(at - offset)) at++
  return at
}
