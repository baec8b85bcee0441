import { encodeUtf8 } from '../../model/bytes.js'
import type { ByteRange } from '../../model/byte-range.js'
import type { ByteText } from './byte-text.js'

/**
 * What each byte of a text becomes.
 *
 * Exploits that hardly any byte needs an escape: four at a time are looked at and copied, and one by one only where one of the four may.
 */
export interface ByteEscapes {
  /** 0: itself; `refused`: the text is left to strings; any other: the number of its escape. */
  readonly kinds: Uint8Array
  readonly escapes: readonly Uint8Array[]
  /** ASCII stands for itself from this character on, but for three others; each four times in a word. */
  readonly plainFrom: number
  readonly others: readonly [number, number, number]
}

export interface ByteEscapesOptions {
  /** What ASCII characters become. */
  readonly escapes: Iterable<readonly [char: string, escape: string]>
  /** Bytes that only strings can decide about. */
  readonly refused?: Iterable<number>
  /** Characters below it are looked at one by one. */
  readonly plainFrom: string
  /** Three of those from there on that do not stand for themselves: all there are. */
  readonly others: string
}

const refused = 255

/** As `\u001f`. */
const maxEscapeBytes = 6

/** A byte, four times in a word. */
const ones = 0x01010101
const highBits = 0x80808080 | 0

export function createByteEscapes(options: ByteEscapesOptions): ByteEscapes {
  const kinds = new Uint8Array(256)
  const escapes: Uint8Array[] = [new Uint8Array(0)]
  for (const [char, text] of options.escapes) kinds[char.charCodeAt(0)] = escapes.push(encodeUtf8(text)) - 1
  for (const byte of options.refused ?? []) kinds[byte] = refused
  const word = (char: string, i = 0): number => Math.imul(char.charCodeAt(i), ones)
  const { others } = options
  return { kinds, escapes, plainFrom: word(options.plainFrom), others: [word(others), word(others, 1), word(others, 2)] }
}

/** Writes a text with its escapes. False where it has a byte that is refused: then a part of it is written. */
export function writeEscaped(to: ByteText, range: ByteRange, { kinds, escapes, plainFrom, others }: ByteEscapes): boolean {
  const { bytes, view, end } = range
  to.reserve(maxEscapeBytes * (end - range.start))
  const target = to.bytes
  const targetView = to.view
  const [a, b, c] = others
  let at = to.at
  for (let i = range.start; i < end; ) {
    for (; i + 4 <= end; i += 4, at += 4) {
      const word = view.getInt32(i, true)
      // Of bytes below 0x80, a difference borrows where one is smaller than the other; zero is smaller than one.
      const borrows = (word - plainFrom) | ((word ^ a) - ones) | ((word ^ b) - ones) | ((word ^ c) - ones)
      if (((borrows | word) & highBits) !== 0) break
      targetView.setInt32(at, word, true)
    }
    for (const stop = Math.min(i + 4, end); i < stop; i++) {
      const byte = bytes[i]!
      const kind = kinds[byte]!
      if (kind === 0) target[at++] = byte
      else if (kind === refused) return false
      else {
        const text = escapes[kind]!
        for (let k = 0; k < text.length; k++) target[at++] = text[k]!
      }
    }
  }
  to.at = at
  return true
}
