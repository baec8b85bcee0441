import { ChunkedDecoder } from './chunked-decoder.js'
import type { ResponseHead } from './head-reader.js'
import { protocolError } from './protocol-error.js'

/** A part of a body that was found in what was read. */
export interface DecodedPart {
  readonly start: number
  readonly end: number
  /** Up to where the bytes are of this answer. */
  readonly next: number
}

/** Finds the body in what a connection brings after the head. */
export interface BodyDecoder {
  /** Whether the body is complete. */
  readonly isDone: boolean
  /** Whether the end of the connection completes the body. */
  readonly endsWithConnection: boolean
  /** Takes what comes next; may move bytes of the body within it. Throws a PromlineError, `protocol` or `limit`. */
  decode(bytes: Buffer): DecodedPart
}

/**
 * How the body of an answer is framed (RFC 9112 6.3). Throws a PromlineError (`protocol`) where the head contradicts itself: where it does,
 * two programs may see two different bodies.
 */
export function createBodyDecoder({ status, headers }: ResponseHead): BodyDecoder {
  const length = headers['content-length']
  const encoding = headers['transfer-encoding']
  if (length !== undefined && encoding !== undefined) throw protocolError("Content-Length can't be present with Transfer-Encoding")
  const size = length === undefined ? undefined : parseLength(length)
  if (status === 204 || status === 304) return new SizedBody(0)
  if (encoding !== undefined) {
    if (encoding.toLowerCase() === 'chunked') return new ChunkedDecoder()
    throw protocolError(`Transfer-Encoding ${JSON.stringify(encoding)} is not supported`)
  }
  return size === undefined ? new UnsizedBody() : new SizedBody(size)
}

function parseLength(text: string): number {
  if (text === '') throw protocolError('Empty Content-Length')
  if (text.includes(',')) throw protocolError('Content-Length already present')
  if (!/^\d+$/.test(text)) throw protocolError('Invalid character in Content-Length')
  const length = Number(text)
  if (!Number.isSafeInteger(length)) throw protocolError('Content-Length overflow')
  return length
}

/** A body of a known size. */
class SizedBody implements BodyDecoder {
  readonly endsWithConnection: boolean = false
  #left: number

  constructor(size: number) {
    this.#left = size
  }

  get isDone(): boolean {
    return this.#left === 0
  }

  decode(bytes: Buffer): DecodedPart {
    const end = Math.min(bytes.length, this.#left)
    this.#left -= end
    return { start: 0, end, next: end }
  }
}

/** A body that lasts as long as its connection. */
class UnsizedBody implements BodyDecoder {
  readonly isDone: boolean = false
  readonly endsWithConnection: boolean = true

  decode(bytes: Buffer): DecodedPart {
    return { start: 0, end: bytes.length, next: bytes.length }
  }
}
