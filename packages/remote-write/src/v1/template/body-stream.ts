/** What a body is given at least: some 300 samples. */
const minBytes = 8 * 1024
/** A body may be so much larger than the one before it: requests of as many samples differ by less. */
const slack = 1 / 8
/** Memory that waits for bodies: a dozen usual requests of 10,000 samples, which are some more than are under way at one time. */
const maxFreeBytes = 4 * 1024 * 1024

/** Memory of one body, and of those after it. */
interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly view: DataView<ArrayBuffer>
}

/**
 * Bodies, each written into memory of its own that was given back, or is made at the size that the one before had: fresh pages from the system
 * cost more than filling a template does, and bodies that wait to be collected take tens of megabytes. Measured, for all of a warm request: 4 to
 * 8 ns a sample where bodies are given back, 10 to 45 where they are not.
 *
 * A body's memory is used again only where `giveBack` said that nobody reads it any more. What is never given back goes with its body.
 *
 * Kept honest by body-stream.test.ts, and by sink.test.ts with a server that answers early and reads late.
 */
export class BodyStream {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  view: DataView<ArrayBuffer> = new DataView(this.bytes.buffer)
  /** Of the body at hand. */
  #length = 0
  /** What a body is expected to take. */
  #usual = minBytes
  /** What is written to; undefined: a body has gone with it. */
  #piece: Piece | undefined
  readonly #free: Piece[] = []
  #freeBytes = 0
  readonly #lent = new WeakMap<Uint8Array, Piece>()

  /** Begins a body, in place of one that was not finished. */
  begin(): void {
    this.#length = 0
    if (this.#piece !== undefined) return
    const free = this.#free.pop()
    this.#freeBytes -= free?.bytes.length ?? 0
    this.#use(free ?? createPiece(this.#usual))
  }

  /** Makes room for bytes, which the caller writes, and returns where they go. */
  append(length: number): number {
    const at = this.#length
    this.#length += length
    if (this.#length > this.bytes.length) this.#grow(at)
    return at
  }

  /** The body without its first bytes. */
  finish(without: number): Uint8Array {
    const body = this.bytes.subarray(without, this.#length)
    this.#usual = Math.max(minBytes, Math.ceil((1 + slack) * this.#length))
    if (this.#piece !== undefined) this.#lent.set(body, this.#piece)
    this.#piece = undefined
    return body
  }

  /** Takes the memory of a body that nobody reads any more, and nobody will. Does nothing for what has no body's memory, or gave it back. */
  giveBack(body: Uint8Array): void {
    const piece = this.#lent.get(body)
    if (piece === undefined) return
    this.#lent.delete(body)
    if (this.#freeBytes + piece.bytes.length > maxFreeBytes) return
    this.#freeBytes += piece.bytes.length
    this.#free.push(piece)
  }

  #use(piece: Piece): void {
    this.#piece = piece
    this.bytes = piece.bytes
    this.view = piece.view
  }

  /** Goes on in larger memory. A piece that was too small would be for the next body as well, and goes. @param used bytes that are written */
  #grow(used: number): void {
    const written = this.bytes.subarray(0, used)
    this.#use(createPiece(Math.max(2 * this.#length, this.#usual)))
    this.bytes.set(written)
  }
}

function createPiece(size: number): Piece {
  const bytes = Buffer.allocUnsafeSlow(size)
  return { bytes, view: new DataView(bytes.buffer) }
}
