/**
 * ListCompressor by WebAssembly: the same elements, in a third of the time.
 *
 * Exploits SIMD and integers of 64 bits, which plain JavaScript does not have; and that its code is compiled before it runs: what a first
 * scrape costs is little more than what a later one does, where JavaScript has to be interpreted first.
 *
 * Measured (Node 20, a row of node, n10000 and ksm): 91, 129 and 309 ns for what is sent once, where PlainListCompressor takes 247, 357 and
 * 625; with open places 171, 228 and 792, where it takes 554, 652 and 1,501. 10,000 series that a fresh process sees for the first three times:
 * 35 ms of CPU on all threads, where it takes 150.
 * `pnpm bench encode/remote-write`
 *
 * Kept honest by compressors.test.ts, where both compress the same lists to the same bytes, and by test/kernel.test.ts: the binary
 * is what its source says.
 */
import { packedOf, type PackedSeriesList, type SampleColumns } from '@promline/core'
import { inSeries, timestampError } from '../../../message/encode-error.js'
import { fillValues } from '../../fill-values.js'
import { type Elements, type ListCompressor, type OpenElements, PlainListCompressor } from '../list-compressor.js'
import { type Kernel, loadKernel, maxLabelBytes, maxRows } from './kernel.js'

/** Where the kernel has the value of each row. */
const valuePlaces = Int32Array.from({ length: maxRows }, (_, i) => i * Float64Array.BYTES_PER_ELEMENT)

/** A compressor by WebAssembly, where that is wanted and can be had; else the plain one. */
export function createListCompressor(webAssembly: boolean): ListCompressor {
  const kernel = webAssembly ? loadKernel() : undefined
  return kernel === undefined ? new PlainListCompressor() : new KernelListCompressor(kernel)
}

export class KernelListCompressor implements ListCompressor {
  readonly #kernel: Kernel
  /** For lists that the kernel has no room for. */
  readonly #plain = new PlainListCompressor()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  compress(columns: SampleColumns, timestampMs: number | Float64Array): Elements {
    const list = packedOf(columns.series)
    if (!hasRoom(list)) return this.#plain.compress(columns, timestampMs)
    const { encodeRows, values } = this.#kernel
    this.#setLabels(list)
    this.#setTimes(list, timestampMs)
    fillValues(values, valuePlaces, columns)
    return this.#elements(encodeRows(list.length))
  }

  compressOpen(list: PackedSeriesList): OpenElements {
    if (!hasRoom(list)) return this.#plain.compressOpen(list)
    const { encodeOpenRows, state, valuePlaces: places, timestampPlaces } = this.#kernel
    this.#setLabels(list)
    const elements = this.#elements(encodeOpenRows(list.length))
    return { ...elements, valuePlaces: places, timestampPlaces: timestampPlaces.subarray(0, state[1]) }
  }

  #setLabels({ bytes, ends }: PackedSeriesList): void {
    this.#kernel.labels.set(bytes)
    this.#kernel.ends.set(ends)
  }

  #setTimes(list: PackedSeriesList, timestampMs: number | Float64Array): void {
    const { times } = this.#kernel
    if (typeof timestampMs === 'number') times.fill(timestampMs, 0, list.length)
    else times.set(timestampMs)
    // What all rows share is looked at once.
    const last = typeof timestampMs === 'number' ? Math.min(1, list.length) : list.length
    for (let i = 0; i < last; i++) {
      if (!Number.isSafeInteger(times[i])) throw inSeries(list.at(i).labels, timestampError(times[i]!))
    }
  }

  #elements(length: number): Elements {
    const { elements, state } = this.#kernel
    return { bytes: elements.subarray(0, length), messageBytes: state[0]! }
  }
}

function hasRoom({ bytes, length }: PackedSeriesList): boolean {
  return length <= maxRows && bytes.length <= maxLabelBytes
}
