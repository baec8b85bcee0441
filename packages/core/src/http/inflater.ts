import { gunzipSync } from 'node:zlib'
import type { BodyConsumer } from './client-options.js'
import { GzipStream } from './gzip-stream.js'

/** A body that is no larger, compressed, is inflated at once: for a page of 50 KB, a stream costs 0.2 ms more, twice the rest of the request. */
const smallBytes = 64 * 1024
/** What a small body may inflate to at once: some 2 ms. */
const maxInflatedBytes = 512 * 1024

/** Inflates a gzip body, of one member or several, and hands it on piece by piece: a bomb costs what its consumer lets through. */
export class Inflater {
  readonly #consumer: BodyConsumer
  /** What came, as long as it is small. */
  #small: Buffer[] = []
  #size = 0
  #stream: GzipStream | undefined

  constructor(consumer: BodyConsumer) {
    this.#consumer = consumer
  }

  /** Takes the next piece; it is copied. Throws or rejects with the error of zlib or of the consumer. */
  write(piece: Uint8Array): void | Promise<void> {
    if (this.#stream !== undefined) return this.#stream.write(piece)
    this.#small.push(Buffer.from(piece))
    this.#size += piece.length
    return this.#size > smallBytes ? this.#startStream() : undefined
  }

  /** Resolves when all was handed on. Rejects as `write`, and where the body ends too early. */
  async end(): Promise<void> {
    if (this.#stream === undefined) {
      const inflated = inflateAtOnce(Buffer.concat(this.#small))
      if (inflated !== undefined) return await this.#consumer(inflated)
      await this.#startStream()
    }
    await this.#stream?.end()
  }

  /** The rest does not matter. */
  abort(): void {
    this.#stream?.abort()
  }

  #startStream(): Promise<void> {
    const whole = Buffer.concat(this.#small)
    this.#small = []
    this.#stream = new GzipStream(this.#consumer)
    return this.#stream.write(whole)
  }
}

/** Undefined for what inflates to more than may be done at once. Throws zlib's errors. */
function inflateAtOnce(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { chunkSize: smallBytes, maxOutputLength: maxInflatedBytes })
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}
