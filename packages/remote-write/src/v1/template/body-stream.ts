/** Ten to twenty usual requests. What one of them holds back, while a receiver is away, is no more than this. */
const slabBytes = 1024 * 1024
/** A slab for larger bodies has room for so many. */
const bodiesPerSlab = 4

/**
 * Bodies, written one after the other into larger pieces of memory: fresh pages from the system cost more than filling a template does.
 * Nothing is used twice: a piece goes when its last body does.
 */
export class BodyStream {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  view: DataView<ArrayBuffer> = new DataView(this.bytes.buffer)
  /** Where the body at hand begins, and where it ends so far. */
  #start = 0
  #end = 0

  /** Begins a body, in place of one that was not finished. */
  begin(): void {
    this.#end = this.#start
  }

  /** Makes room for bytes, which the caller writes, and returns where they go. */
  append(length: number): number {
    const at = this.#end
    if (at + length > this.bytes.length) return this.#grow(length)
    this.#end = at + length
    return at
  }

  /** The body without its first bytes. */
  finish(without: number): Uint8Array {
    const body = this.bytes.subarray(this.#start + without, this.#end)
    this.#start = this.#end
    return body
  }

  /** Goes on in another piece of memory. */
  #grow(length: number): number {
    const body = this.bytes.subarray(this.#start, this.#end)
    const needed = body.length + length
    this.bytes = Buffer.allocUnsafeSlow(needed > slabBytes / bodiesPerSlab ? bodiesPerSlab * needed : slabBytes)
    this.view = new DataView(this.bytes.buffer)
    this.bytes.set(body)
    this.#start = 0
    this.#end = needed
    return body.length
  }
}
