import { varintSize, writeVarint } from './bytes.js'
import type { LabelEdit } from './label-edits.js'
import { packLabels } from './labels.js'

/** Whose length takes one byte. */
const maxAsciiLength = 0x7f

/** Where labels are packed, in their canonical encoding, before they are copied at their size. */
export class LabelsPacker {
  /** Of which the first `length` are packed. */
  bytes: Uint8Array = new Uint8Array(1024)
  length = 0

  /** Begins anew. */
  begin(): void {
    this.length = 0
  }

  /** Adds what is encoded already. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return
    this.#reserve(end - start)
    const target = this.bytes
    let at = this.length
    for (let i = start; i < end; i++) target[at++] = bytes[i]!
    this.length = at
  }

  /** Adds a label, unless it was deleted. Throws a PromlineError (`labels`) where it cannot be one. */
  add({ name, encoded, value }: LabelEdit): void {
    if (value === '') return
    // It says what cannot be a label.
    if (name === '' || !name.isWellFormed() || !value.isWellFormed()) packLabels([[name, value]])
    const { bytes, start, end } = encoded
    this.#reserve(varintSize(end - start))
    this.length = writeVarint(this.bytes, this.length, end - start)
    this.copy(bytes, start, end)
    if (!this.#addAscii(value)) this.#addText(value)
  }

  /** False, with nothing written, where a text has other characters or is long: a call into the engine costs more than a short text. */
  #addAscii(text: string): boolean {
    const { length } = text
    if (length > maxAsciiLength) return false
    this.#reserve(length + 1)
    const { bytes } = this
    const start = this.length + 1
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return false
      bytes[start + i] = code
    }
    bytes[start - 1] = length
    this.length = start + length
    return true
  }

  #addText(text: string): void {
    const length = Buffer.byteLength(text)
    this.#reserve(varintSize(length) + length)
    this.length = writeVarint(this.bytes, this.length, length)
    this.length += Buffer.from(this.bytes.buffer).write(text, this.length)
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const grown = new Uint8Array(2 * (this.length + more))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
