import { encodeUtf8 } from '../../model/bytes.js'
import type { ByteRange } from './byte-range.js'
import type { ByteText } from './byte-text.js'

/** What each byte of a text becomes. */
export interface ByteEscapes {
  /** 0: itself; `refused`: the text is left to strings; any other: the number of its escape. */
  readonly kinds: Uint8Array
  readonly escapes: readonly Uint8Array[]
}

const refused = 255

/** As `\u001f`. */
const maxEscapeBytes = 6

/** @param escaped what ASCII characters become. @param refusedBytes those that only strings can decide about */
export function createByteEscapes(
  escaped: Iterable<readonly [char: string, escape: string]>,
  refusedBytes: Iterable<number> = [],
): ByteEscapes {
  const kinds = new Uint8Array(256)
  const escapes: Uint8Array[] = [new Uint8Array(0)]
  for (const [char, text] of escaped) kinds[char.charCodeAt(0)] = escapes.push(encodeUtf8(text)) - 1
  for (const byte of refusedBytes) kinds[byte] = refused
  return { kinds, escapes }
}

/** Writes a text with its escapes. False where it has a byte that is refused: then a part of it is written. */
export function writeEscaped(to: ByteText, range: ByteRange, { kinds, escapes }: ByteEscapes): boolean {
  const { bytes, start, end } = range
  to.reserve(maxEscapeBytes * (end - start))
  const target = to.bytes
  let at = to.at
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    const kind = kinds[byte]!
    if (kind === 0) target[at++] = byte
    else if (kind === refused) return false
    else {
      const text = escapes[kind]!
      for (let k = 0; k < text.length; k++) target[at++] = text[k]!
    }
  }
  to.at = at
  return true
}
