import { PromlineError, type SampleColumns, varintSize, writeVarint } from '@promline/core'
import type { SnappyCodec } from '../../snappy/snappy-codec.js'
import { EntryWriter } from '../entry-writer.js'
import { TimestampBytes } from '../timestamp-bytes.js'
import { BodySlab } from './body-slab.js'
import type { HoledMessage } from './holed-message.js'
import { copyPatched, type Patch, type Template } from './template.js'

/** A part of a body: elements that are ready, or a template and what goes into it. */
type Part = { readonly elements: Uint8Array } | Patch

/**
 * Puts the body of a request together. Exploits that Snappy's elements can be joined, as the fields of a message can: a body is the length
 * of the message, then elements, whether they come from a template or from a compressor. One object serves request after request;
 * a body is its own, so that nothing in flight is ever written to.
 */
export class RequestBody {
  readonly #snappy: SnappyCodec
  readonly #maxMessageBytes: number
  /** What is not compressed yet: all since the last template. */
  readonly #writer = new EntryWriter()
  readonly #slab = new BodySlab()
  #parts: Part[] = []
  #messageBytes = 0
  #bodyBytes = 0
  /** Columns of one batch share their time, and its bytes. */
  #timestamp = new TimestampBytes()
  #timestampMs = Number.NaN

  constructor(options: { readonly snappy: SnappyCodec; readonly maxMessageBytes: number }) {
    this.#snappy = options.snappy
    this.#maxMessageBytes = options.maxMessageBytes
  }

  reset(): void {
    this.#writer.reset()
    this.#parts = []
    this.#messageBytes = 0
    this.#bodyBytes = 0
  }

  /** Throws a PromlineError (`encode`) for a timestamp that is not an integer. */
  addSamples(columns: SampleColumns): void {
    this.#writer.writeSamples(columns)
  }

  /** Samples by their list's template. @param timestampMs of all of them, such as has room in a template. */
  addPatched(template: Template, columns: SampleColumns, timestampMs: number): void {
    this.#compress()
    if (timestampMs !== this.#timestampMs) {
      this.#timestampMs = timestampMs
      this.#timestamp = new TimestampBytes()
      this.#timestamp.set(timestampMs)
    }
    this.#add({ template, columns, timestamp: this.#timestamp }, { messageBytes: template.messageBytes, bytes: template.elements.length })
  }

  /** Samples by their list's message, with timestamps that have room in it. */
  addHoled(message: HoledMessage, columns: SampleColumns): void {
    this.#writer.writeHoled(message, columns)
  }

  /** Fields of a message that are ready. */
  addFields(fields: Uint8Array): void {
    this.#writer.writeFields(fields)
  }

  /** The body. Throws a PromlineError (`limit`) for a message that receivers refuse for its size. */
  finish(): Uint8Array {
    this.#compress()
    const body = this.#slab.take(varintSize(this.#messageBytes) + this.#bodyBytes)
    let at = writeVarint(body, 0, this.#messageBytes)
    for (const part of this.#parts) {
      if ('elements' in part) {
        body.set(part.elements, at)
        at += part.elements.length
      } else at = copyPatched(body, at, part)
    }
    this.reset()
    return body
  }

  #compress(): void {
    const { length } = this.#writer
    if (length === 0) return
    this.#assertSize(length)
    const elements = this.#snappy.compress(this.#writer.bytes).subarray(varintSize(length))
    this.#writer.reset()
    this.#add({ elements }, { messageBytes: length, bytes: elements.length })
  }

  #add(part: Part, size: { readonly messageBytes: number; readonly bytes: number }): void {
    this.#assertSize(size.messageBytes)
    this.#parts.push(part)
    this.#messageBytes += size.messageBytes
    this.#bodyBytes += size.bytes
  }

  #assertSize(more: number): void {
    const bytes = this.#messageBytes + more
    if (bytes <= this.#maxMessageBytes) return
    throw new PromlineError('limit', `remote write: a request of ${bytes} bytes is above the limit of ${this.#maxMessageBytes}`)
  }
}
