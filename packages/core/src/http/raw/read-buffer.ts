/** A page of 10 MB takes some 170 reads. Measured: from 64 KiB to 4 MiB the size changes less than the noise; this much stays in a cache. */
const bufferBytes = 256 * 1024

/**
 * The one buffer that all sockets of the process read into: it is filled before each of their callbacks, always from its beginning. What a
 * consumer needs beyond its callback is on loan: it is put back after each read of another socket. That takes place between the read and
 * the next line of anybody's code, so nobody sees it.
 */
export class ReadBuffer {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(bufferBytes)
  /** What must stand at the beginning of the buffer. */
  #loan: Buffer | undefined

  /** What a read has put at the beginning of the buffer; a copy of it where that is on loan. */
  take(count: number): Buffer {
    const read = this.bytes.subarray(0, count)
    if (this.#loan === undefined) return read
    const copy = Buffer.from(read)
    this.#loan.copy(this.bytes, 0, 0, count)
    return copy
  }

  /** Keeps a part of what `take` returned as it is until the promise settles. */
  lend(part: Uint8Array, until: Promise<void>): void {
    if (part.buffer !== this.bytes.buffer) return // a copy
    const loan = Buffer.from(this.bytes.subarray(0, part.byteOffset + part.length))
    const end = () => {
      this.#loan = undefined
    }
    this.#loan = loan
    until.then(end, end)
  }
}

let shared: ReadBuffer | undefined

/** The process's own, made when it is first needed. */
export function sharedReadBuffer(): ReadBuffer {
  shared ??= new ReadBuffer()
  return shared
}
