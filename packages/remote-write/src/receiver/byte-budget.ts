import { type Batch, countsOf } from '@promline/core'

/** About what the parts of a batch take in memory; its series are kept for the client, whatever it sends. */
const memoryBytes = { columns: 500, sample: 16, histogram: 600, exemplar: 300 } as const

/** What a batch takes in memory while it waits to be taken, by estimate. */
export function heldBytes(batch: Batch): number {
  const { samples, histograms, exemplars } = countsOf(batch)
  return (
    batch.columns.length * memoryBytes.columns +
    samples * memoryBytes.sample +
    histograms * memoryBytes.histogram +
    exemplars * memoryBytes.exemplar
  )
}

/** Bytes that may be held at one time. */
export class ByteBudget {
  readonly #maxBytes: number
  readonly #whole: ByteBudget | undefined
  #held = 0

  /** @param whole what this is a share of: what is held here is held there as well, within its bounds. */
  constructor(maxBytes: number, whole?: ByteBudget) {
    this.#maxBytes = maxBytes
    this.#whole = whole
  }

  /** Takes bytes for one request; undefined where there are not enough. With nothing held there always are. */
  reserve(bytes: number): Reservation | undefined {
    if (this.#held > 0 && this.#held + bytes > this.#maxBytes) return undefined
    const share = this.#whole?.reserve(bytes)
    if (this.#whole !== undefined && share === undefined) return undefined
    this.#held += bytes
    let own = bytes
    return {
      resize: (next) => {
        if (this.#held > own && this.#held - own + next > this.#maxBytes) return false
        if (share?.resize(next) === false) return false
        this.#held += next - own
        own = next
        return true
      },
      release: () => {
        share?.release()
        this.#held -= own
        own = 0
      },
    }
  }
}

/** One request's share. */
export interface Reservation {
  /** Makes the share another size; false, and no change, where the budget does not allow it. */
  resize(bytes: number): boolean
  release(): void
}
