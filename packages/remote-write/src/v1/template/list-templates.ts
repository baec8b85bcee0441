import { ListBudget, ListCache, packedOf, type SeriesList } from '@promline/core'
import { OpenCompressor } from './open-compressor.js'
import type { RowMessage } from './row-message.js'
import type { Template } from './template.js'

/** Ten minutes, as the tables of series: ten scrapes of a slow target. */
const maxIdleMs = 10 * 60_000
/** For one request, templates are made of so many rows at most, some 5 to 10 ms of work; the other lists have their turn with the next. */
const maxRowsPerRequest = 4096
/** A list of 1,024 series, the longest but for a histogram, with 1 KB of labels each. What is above is encoded anew for each request. */
const maxMessageBytes = 1024 * 1024
const maxStep = 2 ** 16 - 1

/** What an encoder keeps of lists for requests that repeat them, under a budget: made when a list is asked for the second time. */
export class ListTemplates {
  readonly #budget: ListBudget
  readonly #message: RowMessage
  readonly #compressor = new OpenCompressor()
  readonly #templates: ListCache<Template>

  /** @param options.maxBytes of memory; 0 keeps nothing. @param options.message where messages are written, which others may use as well. */
  constructor(options: { readonly maxBytes: number; readonly message: RowMessage }) {
    this.#message = options.message
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
    const message = this.#message
    message.writeOpen(packed)
    if (message.length > maxMessageBytes) return undefined
    const compressor = this.#compressor
    const elements = compressor.compress(message)
    const valueSteps = new Uint16Array(list.length)
    let before = 0
    for (let i = 0; i < valueSteps.length; i++) {
      const place = compressor.valuePlaces[i]!
      if (place - before > maxStep) return undefined
      valueSteps[i] = place - before
      before = place
    }
    return {
      elements: elements.slice(),
      valueSteps,
      timestampPlaces: Int32Array.from(compressor.timestampPlaces),
      messageBytes: message.length,
    }
  }
}
