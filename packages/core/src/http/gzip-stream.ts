import { createGunzip } from 'node:zlib'
import type { BodyConsumer } from './client-options.js'

/** Inflated in pieces of this size: four times Node's own, for bodies of megabytes. */
const chunkBytes = 64 * 1024

/** Inflates a gzip body while it arrives, in another thread, and hands it on piece by piece. */
export class GzipStream {
  readonly #gunzip = createGunzip({ chunkSize: chunkBytes })
  readonly #finished: Promise<void>
  #failure: { readonly error: unknown } | undefined
  /** Of the write under way: zlib does not call it back where it fails, nor where it finds padding behind the end. */
  #resolve: () => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(consumer: BodyConsumer) {
    this.#finished = this.#run(consumer)
    this.#finished.then(
      () => this.#resolve(),
      (error: unknown) => this.#reject(error),
    )
  }

  /** Takes the next piece; resolves when it is inflated. Rejects with the error of zlib or of the consumer. */
  async write(piece: Uint8Array): Promise<void> {
    if (this.#gunzip.readableEnded) return // padding
    // A copy, since another thread reads it while the memory is another connection's.
    const copy = Buffer.from(piece)
    await new Promise<void>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#gunzip.write(copy, (error) => {
        if (this.#failure !== undefined) reject(this.#failure.error)
        else if (error) reject(error)
        else resolve()
      })
    })
  }

  /** Resolves when all was handed on. Rejects as `write`, and where the body ends too early. */
  end(): Promise<void> {
    this.#gunzip.end()
    return this.#finished
  }

  /** The rest does not matter. */
  abort(): void {
    this.#gunzip.destroy()
  }

  async #run(consumer: BodyConsumer): Promise<void> {
    for await (const chunk of this.#gunzip) {
      try {
        await consumer(chunk)
      } catch (error) {
        // Said before the loop destroys the stream, which would tell the one who writes of that instead.
        this.#failure = { error }
        throw error
      }
    }
  }
}
