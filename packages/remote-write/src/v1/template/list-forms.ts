import type { SeriesList } from '@promline/core'
import { EntryWriter } from '../entry-writer.js'
import { FormBudget } from './form-budget.js'
import { FormCache } from './form-cache.js'
import { HoleCompressor } from './hole-compressor.js'
import { type HoledMessage, writeHoledMessage } from './holed-message.js'
import type { Template } from './template.js'

/** What an encoder keeps of lists, under one budget: templates for samples of one time, messages for those whose rows have their own. */
export class ListForms {
  readonly #budget: FormBudget
  readonly #writer = new EntryWriter()
  readonly #compressor = new HoleCompressor()
  readonly #templates: FormCache<Template>
  readonly #messages: FormCache<HoledMessage>

  /** @param maxBytes of memory; 0 keeps nothing. */
  constructor(maxBytes: number) {
    const budget = new FormBudget(maxBytes)
    this.#budget = budget
    this.#templates = new FormCache({
      budget,
      create: (list) => this.#createTemplate(list),
      sizeOf: ({ elements, valuePlaces, timestampPlaces }) => elements.length + 4 * valuePlaces.length + 5 * timestampPlaces.length,
    })
    this.#messages = new FormCache({
      budget,
      create: (list) => this.#createMessage(list),
      sizeOf: ({ bytes, valuePlaces }) => bytes.length + 4 * valuePlaces.length,
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
  template(list: SeriesList): Template | undefined {
    return this.#templates.find(list)
  }

  /** The same, not compressed. */
  message(list: SeriesList): HoledMessage | undefined {
    return this.#messages.find(list)
  }

  #createTemplate(list: SeriesList): Template | undefined {
    const message = writeHoledMessage(list, this.#writer)
    return message && { ...this.#compressor.compress(message), messageBytes: message.bytes.length }
  }

  #createMessage(list: SeriesList): HoledMessage | undefined {
    const message = writeHoledMessage(list, this.#writer)
    return message && { ...message, bytes: message.bytes.slice() }
  }
}
