import { viewOf } from './bytes.js'

const noBytes = new Uint8Array(0)

/** The view of the bytes that were read last: what is copied piece by piece mostly comes from the same memory, one piece after the other. */
export class LastView {
  #bytes: Uint8Array = noBytes
  #view: DataView = viewOf(noBytes)

  of(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) this.#read(bytes)
    return this.#view
  }

  /** Lets go of the memory. */
  forget(): void {
    this.#read(noBytes)
  }

  #read(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }
}
