import { ListBudget, ListCache, packedOf, type SeriesList } from '@promline/core'
import type { ListCompressor } from './list-compressor.js'
import type { Template } from './template.js'

/** Ten minutes, as the tables of series: ten scrapes of a slow target. */
const maxIdleMs = 10 * 60_000
/** For one request, templates are made of so many rows at most, some 1 to 3 ms of work, 5 to 10 without WebAssembly; the other lists have their turn with the next. */
const maxRowsPerRequest = 4096
/** A list of 1,024 series, the longest but for a histogram, with 1 KB of labels each. What is above is encoded anew for each request. */
const maxMessageBytes = 1024 * 1024
const maxStep = 2 ** 16 - 1

/** What an encoder keeps of lists for requests that repeat them, under a budget: made when a list is asked for the second time. */
export class ListTemplates {
  readonly #budget: ListBudget
  readonly #compressor: ListCompressor
  readonly #templates: ListCache<Template>

  /** @param options.maxBytes of memory; 0 keeps nothing. @param options.compressor which others may use as well. */
  constructor(options: { readonly maxBytes: number; readonly compressor: ListCompressor }) {
    this.#compressor = options.compressor
    this.#budget = new ListBudget({ maxBytes: options.maxBytes, maxRowsPerTurn: maxRowsPerRequest, maxIdle: maxIdleMs })
    this.#templates = new ListCache({
      budget: this.#budget,
      create: (list) => this.#create(list),
      sizeOf: ({ elements, valueSteps, timestampPlaces }) => elements.length + 2 * valueSteps.length + 4 * timestampPlaces.length,
    })
  }

  /** Memory that is taken. */
  get bytes(): number {
    return this.#budget.bytes
  }

  /** Called before each request. @param nowMs any clock that only goes forward. */
  begin(nowMs: number): void {
    this.#budget.begin(nowMs)
  }

  /** What is there from the second time on that it is asked for, as long as there is room. */
  find(list: SeriesList): Template | undefined {
    return this.#templates.find(list, undefined)
  }

  #create(list: SeriesList): Template | undefined {
    const packed = packedOf(list)
    if (packed.bytes.length > maxMessageBytes) return undefined
    const { bytes, messageBytes, valuePlaces, timestampPlaces } = this.#compressor.compressOpen(packed)
    if (messageBytes > maxMessageBytes) return undefined
    const valueSteps = new Uint16Array(list.length)
    let before = 0
    for (let i = 0; i < valueSteps.length; i++) {
      const place = valuePlaces[i]!
      if (place - before > maxStep) return undefined
      valueSteps[i] = place - before
      before = place
    }
    return { elements: bytes.slice(), valueSteps, timestampPlaces: Int32Array.from(timestampPlaces), messageBytes }
  }
}
