import { hashRange, rangeIsAt } from './byte-range.js'

/** A longer text is not remembered: names and most values are shorter. */
const maxLength = 64

/**
 * Strings of bytes that come again and again, found by their bytes: making a string takes twice as long. Of two that meet in a slot the
 * last one stays, so that it neither grows nor has to be swept.
 */
export class TextIntern {
  readonly #texts: string[]
  /** The bytes of each text: comparing them takes four at a time, and strings one. */
  readonly #bytes: Buffer
  readonly #view: DataView

  /** @param slots a power of two; each takes some 150 bytes once it was used */
  constructor(slots: number) {
    this.#texts = Array.from({ length: slots }, () => '')
    this.#bytes = Buffer.allocUnsafeSlow(slots * maxLength)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** The string of a range that is valid UTF-8. */
  get(view: DataView, start: number, end: number): string {
    const length = end - start
    if (length > maxLength) return decodeIn(view, start, end)
    const slot = hashRange(view, start, end) & (this.#texts.length - 1)
    const known = this.#texts[slot]!
    if (known.length === length && rangeIsAt(this.#view, slot * maxLength, { view, start, end })) return known
    // What is beyond ASCII has more bytes than units: the length of the string would not be that of the bytes.
    if (!isAsciiIn(view, start, end)) return decodeIn(view, start, end)
    const to = slot * maxLength
    for (let i = 0; i < length; i++) this.#view.setUint8(to + i, view.getUint8(start + i))
    const text = this.#bytes.toString('latin1', to, to + length)
    this.#texts[slot] = text
    return text
  }
}

/** The string of a range that is valid UTF-8. */
export function decodeIn(view: DataView, start: number, end: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('utf8')
}

function isAsciiIn(view: DataView, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (view.getUint8(at) >= 0x80) return false
  return true
}
