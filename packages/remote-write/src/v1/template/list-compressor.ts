import { packedOf, type PackedSeriesList, type SampleColumns } from '@promline/core'
import { fillValues } from '../fill-values.js'
import { OpenCompressor } from './open-compressor.js'
import { RowCompressor } from './row-compressor.js'
import { RowMessage } from './row-message.js'

/** The entries of a list, compressed. Good until the next ones are made. */
export interface Elements {
  readonly bytes: Uint8Array
  /** Of the message that they stand for. */
  readonly messageBytes: number
}

/** Elements with places left open. */
export interface OpenElements extends Elements {
  /** Where the value of each row goes; what is behind the last row says nothing. */
  readonly valuePlaces: ArrayLike<number>
  /** Where timestamps of 6 bytes go; most come by reference from one of these. */
  readonly timestampPlaces: ArrayLike<number>
}

/** Writes the entries of lists, one sample each, and compresses them. */
export interface ListCompressor {
  /** @param timestampMs of all rows, or of each. Throws a PromlineError (`encode`) for one that is not an integer. */
  compress(columns: SampleColumns, timestampMs: number | Float64Array): Elements
  /** For all requests that repeat a list with other numbers, at more cost: smaller than what is sent once. */
  compressOpen(list: PackedSeriesList): OpenElements
}

/** Any list, in JavaScript: the plain twin of `KernelListCompressor`. */
export class PlainListCompressor implements ListCompressor {
  readonly #message = new RowMessage()
  readonly #rows = new RowCompressor()
  readonly #open = new OpenCompressor()

  compress(columns: SampleColumns, timestampMs: number | Float64Array): Elements {
    const message = this.#message
    message.write(packedOf(columns.series), timestampMs)
    fillValues(message.view, message.valuePlaces, columns)
    return { bytes: this.#rows.compress(message), messageBytes: message.length }
  }

  compressOpen(list: PackedSeriesList): OpenElements {
    const message = this.#message
    const open = this.#open
    message.writeOpen(list)
    const bytes = open.compress(message)
    return { bytes, messageBytes: message.length, valuePlaces: open.valuePlaces, timestampPlaces: open.timestampPlaces }
  }
}
