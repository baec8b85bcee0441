/** Enough to see a fault and its surroundings, little enough to keep one for each of a thousand targets. */
const maxBytes = 64 * 1024
/** The beginning of a small page needs no more. */
const firstBytes = 4 * 1024

/**
 * The part of a body that goes by which may have to be shown if it turns out to be faulty: its beginning, and what stands before the
 * fault. Holds at most 192 KiB, whatever the body's size.
 */
export class BodyWindow {
  #head: Uint8Array = new Uint8Array(0)
  #headLength = 0
  /** What came after the head; of it, at least the last `maxBytes`. Filled from its start, shifted when it is full. */
  #tail: Uint8Array = new Uint8Array(0)
  #tailLength = 0
  #tailSize = 0
  #faulty = false

  /** The beginning of the body, at most 64 KiB. */
  get head(): Uint8Array {
    return this.#head.subarray(0, this.#headLength)
  }

  /** The last 64 KiB before the end of the fault; undefined where the beginning shows it, or nothing is known of a fault. */
  get before(): Uint8Array | undefined {
    if (!this.#faulty || this.#tailSize === 0) return undefined
    const tail = this.#tail.subarray(0, this.#tailLength)
    if (this.#tailSize >= maxBytes) return tail.subarray(-maxBytes)
    return Buffer.concat([this.head.subarray(this.#tailSize), tail])
  }

  /** Takes the next bytes of the body; they are copied. */
  take(bytes: Uint8Array): void {
    const forHead = bytes.subarray(0, maxBytes - this.#headLength)
    if (forHead.length > 0) this.#appendToHead(forHead)
    if (forHead.length < bytes.length && !this.#faulty) this.#appendToTail(bytes.subarray(forHead.length))
  }

  /** Says that what was taken last was the end of the fault. What comes now only completes the beginning. */
  fault(): void {
    this.#faulty = true
  }

  #appendToHead(bytes: Uint8Array): void {
    const length = this.#headLength + bytes.length
    if (length > this.#head.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(firstBytes, 2 * length)))
      larger.set(this.head)
      this.#head = larger
    }
    this.#head.set(bytes, this.#headLength)
    this.#headLength = length
  }

  #appendToTail(bytes: Uint8Array): void {
    if (this.#tail.length === 0) this.#tail = Buffer.allocUnsafeSlow(2 * maxBytes)
    const last = bytes.subarray(-maxBytes)
    if (this.#tailLength + last.length > this.#tail.length) {
      const kept = maxBytes - last.length
      this.#tail.copyWithin(0, this.#tailLength - kept, this.#tailLength)
      this.#tailLength = kept
    }
    this.#tail.set(last, this.#tailLength)
    this.#tailLength += last.length
    this.#tailSize += bytes.length
  }
}
