import { PromlineError, type SampleColumns, varintSize, writeVarint } from '@promline/core'
import type { SnappyCodec } from '../../snappy/snappy-codec.js'
import { TimestampBytes } from '../timestamp-bytes.js'
import { BodyStream } from './body-stream.js'
import type { ListCompressor } from './list-compressor.js'
import { fillTemplate, type Template } from './template.js'

/** Before the elements, for the length of the message. */
const maxLengthBytes = 5

export interface RequestBodyOptions {
  /** For what is not samples. */
  readonly snappy: SnappyCodec
  /** A larger message is refused. */
  readonly maxMessageBytes: number
  /** For samples without a template. Others may use it as well. */
  readonly compressor: ListCompressor
}

/**
 * Puts the body of a request together. Exploits that Snappy's elements can be joined, as the fields of a message can: a body is the length
 * of the message, then elements, whether they come from a template or from a compressor. One object serves request after request;
 * the memory of a body is its own until it is given back, so that nothing in flight is ever written to.
 */
export class RequestBody {
  readonly #options: RequestBodyOptions
  readonly #stream = new BodyStream()
  #messageBytes = 0
  /** Columns of one batch share their time, and its bytes. */
  readonly #timestamp = new TimestampBytes()

  constructor(options: RequestBodyOptions) {
    this.#options = options
  }

  /** Begins a body, in place of one that was not finished. */
  begin(): void {
    this.#stream.begin()
    this.#stream.append(maxLengthBytes)
    this.#messageBytes = 0
  }

  /** Throws a PromlineError (`encode`) for a timestamp that is not an integer. */
  addSamples(columns: SampleColumns, timestampMs: number | Float64Array): void {
    const { bytes, messageBytes } = this.#options.compressor.compress(columns, timestampMs)
    this.#addMessageBytes(messageBytes)
    this.#append(bytes)
  }

  /** Samples by their list's template. @param timestampMs of all of them, such as has room in a template. */
  addPatched(template: Template, columns: SampleColumns, timestampMs: number): void {
    this.#addMessageBytes(template.messageBytes)
    this.#timestamp.set(timestampMs)
    const at = this.#append(template.elements)
    fillTemplate(this.#stream.view, at, { template, patch: { columns, timestamp: this.#timestamp } })
  }

  /** Fields of a message that are ready, at least one byte. */
  addFields(fields: Uint8Array): void {
    this.#addMessageBytes(fields.length)
    this.#append(this.#options.snappy.compress(fields).subarray(varintSize(fields.length)))
  }

  finish(): Uint8Array {
    const lengthBytes = varintSize(this.#messageBytes)
    const body = this.#stream.finish(maxLengthBytes - lengthBytes)
    writeVarint(body, 0, this.#messageBytes)
    return body
  }

  /** See `BodyStream.giveBack`. */
  giveBack(body: Uint8Array): void {
    this.#stream.giveBack(body)
  }

  /** Returns where the elements stand now. */
  #append(elements: Uint8Array): number {
    const at = this.#stream.append(elements.length)
    this.#stream.bytes.set(elements, at)
    return at
  }

  #addMessageBytes(more: number): void {
    this.#messageBytes += more
    const { maxMessageBytes } = this.#options
    if (this.#messageBytes <= maxMessageBytes) return
    throw new PromlineError('limit', `remote write: a request of ${this.#messageBytes} bytes is above the limit of ${maxMessageBytes}`)
  }
}
