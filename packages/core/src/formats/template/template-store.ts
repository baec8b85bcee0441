import type { Origin } from '../../model/batch.js'
import { ListBudget } from '../../model/list-budget.js'
import { ListCache } from '../../model/list-cache.js'
import type { SeriesList } from '../../model/series-list.js'
import type { RowTemplate } from './row-template.js'
import { TemplateBuilder, type TemplateOptions } from './template-builder.js'

/** 64 MiB: some 250,000 series. */
export const defaultTemplateBytes: number = 64 * 1024 * 1024

export interface TemplateStoreOptions extends TemplateOptions {
  /** Templates take so much memory together; the last one may pass it. 0: there are none. */
  readonly maxBytes: number
}

/**
 * Templates by list: made when a list is seen, since no other way to write its rows is cheaper, and kept from the second sight on with the
 * same origin.
 */
export class TemplateStore {
  readonly #budget: ListBudget
  readonly #templates: ListCache<RowTemplate, Origin> | undefined
  #requests = 0

  constructor(options: TemplateStoreOptions) {
    const { maxBytes, schema } = options
    const builder = new TemplateBuilder(options)
    this.#budget = new ListBudget({ maxBytes })
    if (maxBytes === 0) return
    this.#templates = new ListCache<RowTemplate, Origin>({
      budget: this.#budget,
      create: (list, origin) => builder.build(list, origin),
      sizeOf: (template) => template.size,
      isSameContext: (a, b) => schema.isSameOrigin(a, b),
      makesAlways: true,
    })
  }

  /** Memory that templates take. */
  get bytes(): number {
    return this.#budget.bytes
  }

  /** Called before the lists of a request. */
  begin(): void {
    this.#budget.begin(++this.#requests)
  }

  /** The template of a list; undefined where it has none. */
  find(list: SeriesList, origin: Origin): RowTemplate | undefined {
    return this.#templates?.find(list, origin)
  }
}
