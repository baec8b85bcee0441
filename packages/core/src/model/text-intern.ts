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
  get(view: DataView, start: number, end: number): string {
    const length = end - start
    if (length > maxLength) return decode(view, start, end)
    const texts = this.#texts
    const slot = hashWords(view, start, end) & (texts.length - 1)
    const known = texts[slot]!
    if (known.length === length && isTextAt(known, view, start)) return known
    const text = decode(view, start, end)
    // Characters beyond ASCII have more bytes than units, and are not compared.
    if (text.length === length) texts[slot] = text
    return text
  }
}

/** Whether the characters of a text, which are ASCII, stand in `view` at an offset. */
export function isTextAt(text: string, view: DataView, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== view.getUint8(at + i)) return false
  return true
}

/** Four bytes in one step; the last step may take some again. */
function hashWords(view: DataView, start: number, end: number): number {
  let hash = end - start
  if (hash < 4) {
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193)
  } else {
    const last = end - 4
    for (let at = start; at < last; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), 0x01000193) ^ (hash >>> 15)
    hash = Math.imul(hash ^ view.getInt32(last, true), 0x01000193)
  }
  return hash ^ (hash >>> 15)
}

function decode(view: DataView, start: number, end: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('utf8')
}
