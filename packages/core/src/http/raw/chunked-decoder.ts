import { maxHeadBytes } from '../transport.js'
import type { BodyDecoder, DecodedPart } from './body-decoder.js'
import { FieldsReader } from './head-reader.js'
import { headLimitError, protocolError } from './protocol-error.js'

const carriageReturn = 0x0d
const lineFeed = 0x0a
const semicolon = 0x3b

type State = 'first digit' | 'size' | 'extension' | 'size end' | 'data' | 'data return' | 'data end' | 'trailers' | 'done'

/** A chunked body (RFC 9112 7.1). The data of the chunks of one read is moved together, so that a body in small chunks is not one in small pieces. */
export class ChunkedDecoder implements BodyDecoder {
  readonly endsWithConnection: boolean = false
  readonly #trailers = new FieldsReader()
  #state: State = 'first digit'
  /** Of the chunk: its size while that is read, then what is left of it. */
  #left = 0
  /** Length of the chunk's first line. */
  #lineBytes = 0

  get isDone(): boolean {
    return this.#state === 'done'
  }

  decode(bytes: Buffer): DecodedPart {
    let at = 0
    let from = 0
    let to = 0
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left)
        if (to === from) from = to = at
        else bytes.copyWithin(to, at, end)
        to += end - at
        this.#left -= end - at
        at = end
        if (this.#left === 0) this.#state = 'data return'
      } else if (this.#state === 'trailers') {
        const next = this.#trailers.read(bytes, at)
        if (next !== undefined) this.#state = 'done'
        at = next ?? bytes.length
      } else this.#frame(bytes[at++]!)
    }
    return { start: from, end: to, next: at }
  }

  /** Takes a byte of what stands around the data. */
  #frame(byte: number): void {
    switch (this.#state) {
      case 'first digit':
      case 'size':
        this.#size(byte)
        return
      case 'extension':
        this.#extension(byte)
        return
      case 'size end':
        if (byte !== lineFeed) throw protocolError('Expected LF after chunk size')
        this.#state = this.#left === 0 ? 'trailers' : 'data'
        this.#lineBytes = 0
        return
      case 'data return':
        if (byte !== carriageReturn)
          throw protocolError(byte === lineFeed ? 'Missing expected CR after chunk data' : 'Expected LF after chunk data')
        this.#state = 'data end'
        return
      case 'data end':
        if (byte !== lineFeed) throw protocolError('Expected LF after chunk data')
        this.#state = 'first digit'
    }
  }

  #size(byte: number): void {
    const digit = digitOf(byte)
    this.#countLine()
    if (digit !== undefined) {
      this.#left = this.#state === 'size' ? this.#left * 16 + digit : digit
      if (this.#left > Number.MAX_SAFE_INTEGER) throw protocolError('Chunk size overflow')
      this.#state = 'size'
    } else if (this.#state === 'first digit') throw protocolError('Invalid character in chunk size')
    else if (byte === carriageReturn) this.#state = 'size end'
    else if (byte === semicolon) this.#state = 'extension'
    else throw protocolError(byte === lineFeed ? 'Missing expected CR after chunk size' : 'Invalid character in chunk size')
  }

  /** Extensions mean nothing to us, but must not hide the end of their line. */
  #extension(byte: number): void {
    this.#countLine()
    if (byte === carriageReturn) this.#state = 'size end'
    else if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) throw protocolError('Invalid character in chunk extensions')
  }

  #countLine(): void {
    if (++this.#lineBytes > maxHeadBytes) throw headLimitError()
  }
}

/** The value of a hexadecimal digit. */
function digitOf(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined
}
