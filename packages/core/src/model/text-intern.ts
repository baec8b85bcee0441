import { decodeUtf8 } from './bytes.js'

/** Longer texts seldom come again. */
const maxLength = 128

/**
 * Strings of bytes that come again and again, found by their bytes: making a string of some twenty bytes takes three times as long. Of two
 * that meet in a slot the last one stays, so that it neither grows nor has to be swept.
 */
export class TextIntern {
  readonly #texts: string[]

  /** @param slots a power of two */
  constructor(slots: number) {
    this.#texts = Array.from({ length: slots }, () => '')
  }

  /** The string of a range that is valid UTF-8. */
  get(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start
    if (length > maxLength) return decodeUtf8(bytes, start, end)
    let hash = length
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
    const texts = this.#texts
    const slot = (hash ^ (hash >>> 15)) & (texts.length - 1)
    const known = texts[slot]!
    if (known.length === length && isTextAt(known, bytes, start)) return known
    const text = decodeUtf8(bytes, start, end)
    // Characters beyond ASCII have more bytes than units, and are not compared.
    if (text.length === length) texts[slot] = text
    return text
  }
}

/** Whether the characters of a text, which are ASCII, stand in `bytes` at an offset. */
export function isTextAt(text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false
  return true
}
