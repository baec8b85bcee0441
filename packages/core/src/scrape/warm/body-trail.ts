import { decodeUtf8 } from '../../model/bytes.js'
import { BodyWindow } from '../body-window.js'
import type { FailedBody, FaultPlace } from '../failed-body.js'
import { lineFeedsIn } from './line-feeds.js'

/** Kept of what went by: enough to see what stood before a fault. To copy more would be felt on each good page. */
const trailBytes = 4 * 1024
/** What is shown of a faulty body, in full. */
const maxBytes = 64 * 1024
const lineFeed = 0x0a
const noBytes = new Uint8Array(0)

/** Memory for trails that is not in use: a new piece for each small page would cost a tenth of reading it. */
const spare: Uint8Array[] = []
const maxSpare = 16

/** Where reading stopped: all that has come from the beginning of that line on, and the number of the line. */
export interface Stop {
  readonly left: Uint8Array
  readonly line: number
}

/**
 * What may have to be shown of a body that goes by, if it turns out to be faulty: its beginning, if the fault is there and all in front of
 * it was not long ago; else what stands before the fault, as far as it is still there.
 */
export class BodyTrail {
  readonly #head: BodyWindow | undefined
  /** What went by: at least the last `trailBytes`, and how much it was. Filled from its start, shifted when it is full. */
  #trail: Uint8Array = noBytes
  #length = 0
  #passed = 0
  #text: Uint8Array | undefined
  #firstLine = 1

  /** @param keepsHead whether a fault may turn out at the end that has no place: then the beginning is shown */
  constructor(keepsHead: boolean) {
    if (keepsHead) this.#head = new BodyWindow()
  }

  /** A piece was read without a fault. */
  pass(piece: Uint8Array): void {
    if (this.#passed < maxBytes) this.#head?.take(piece.subarray(0, maxBytes - this.#passed))
    this.#passed += piece.length
    const last = piece.subarray(-trailBytes)
    if (last.length < piece.length) this.#length = 0
    if (this.#trail.length === 0) this.#trail = spare.pop() ?? new Uint8Array(2 * trailBytes)
    if (this.#length + last.length > this.#trail.length) this.#shift(trailBytes - last.length)
    this.#trail.set(last, this.#length)
    this.#length += last.length
  }

  /** The fault was found in this piece, or at the end of the body, where there is none. */
  stop(piece: Uint8Array, { left, line }: Stop, place: FaultPlace): void {
    if (place.line === undefined) {
      this.#text = this.#head?.head
      return
    }
    const last = Buffer.concat([this.#trail.subarray(0, this.#length), piece])
    const before = last.subarray(0, Math.max(0, last.length - left.length))
    const there = Buffer.concat([before, left])
    const isAll = this.#passed + piece.length === there.length
    let end = before.length
    for (let at = line; at <= place.line; at++) end = there.indexOf(lineFeed, end) + 1 || there.length
    if (isAll && end <= maxBytes) {
      this.#text = begun(noBytes, there)
      return
    }
    const start = Math.max(0, end - maxBytes)
    const lineStart = start === 0 && isAll ? 0 : there.subarray(0, end - 1).indexOf(lineFeed, start) + 1 || start
    this.#text = there.subarray(lineStart, end)
    this.#firstLine = place.line - lineFeedsIn(there.subarray(lineStart, end - 1))
  }

  /** A piece came after the fault. */
  take(piece: Uint8Array): void {
    if (this.#text !== undefined && this.#firstLine === 1) this.#text = begun(this.#text, piece)
  }

  /** What is kept of the body. */
  excerpt(place: FaultPlace): FailedBody {
    const text = decodeUtf8(this.#text ?? noBytes)
    return { text, ...place, ...(this.#firstLine > 1 && { firstLine: this.#firstLine }) }
  }

  /** Gives its memory back. It shows what it showed before, and takes no more pieces without a fault. */
  release(): void {
    if (this.#trail.length > 0 && spare.length < maxSpare) spare.push(this.#trail)
    this.#trail = noBytes
    this.#length = 0
  }

  /** Keeps only the last bytes. */
  #shift(kept: number): void {
    this.#trail.copyWithin(0, this.#length - kept, this.#length)
    this.#length = kept
  }
}

/** The beginning of a body, with more of it. */
function begun(head: Uint8Array, more: Uint8Array): Uint8Array {
  return head.length === maxBytes ? head : Buffer.concat([head, more.subarray(0, maxBytes - head.length)])
}
