import type { BodyConsumer, HttpRequest, HttpResponseHead } from './client-options.js'

const nothing = new Uint8Array(0)

/** What a consumer of a body threw: it is not an error of the exchange, and reaches the caller as it is. */
export class ConsumerError extends Error {
  readonly thrown: unknown

  constructor(thrown: unknown) {
    super('the consumer of the body failed')
    this.thrown = thrown
  }
}

/** Where the body of a response goes: to the request's consumer, or together. */
export class BodySink {
  readonly #consumer: BodyConsumer | undefined
  readonly #pieces: Uint8Array[] = []
  #size = 0

  /** @param consume of the request; undefined for a response that the caller does not see. Throws a ConsumerError. */
  constructor(head: HttpResponseHead, consume: HttpRequest['consume']) {
    try {
      this.#consumer = consume?.(head)
    } catch (error) {
      throw new ConsumerError(error)
    }
  }

  /** Takes the next piece; its memory is only lent. Throws or rejects with a ConsumerError. */
  write(piece: Uint8Array): void | Promise<void> {
    if (this.#consumer === undefined) {
      this.#pieces.push(new Uint8Array(piece)) // not slice(), which copies nothing of a Buffer
      this.#size += piece.length
      return
    }
    try {
      return this.#consumer(piece)?.catch((error: unknown) => {
        throw new ConsumerError(error)
      })
    } catch (error) {
      throw new ConsumerError(error)
    }
  }

  /** What came together. */
  body(): Uint8Array {
    if (this.#pieces.length < 2) return this.#pieces[0] ?? nothing
    const whole = Buffer.concat(this.#pieces, this.#size)
    return new Uint8Array(whole.buffer, whole.byteOffset, this.#size)
  }
}
