import type { Origin } from '../../model/batch.js'
import type { SeriesList } from '../../model/series-list.js'
import { createRowTemplate, type RowTemplate, type TemplateContext } from './row-template.js'

/** 64 MiB: some 250,000 series. */
export const defaultTemplateBytes: number = 64 * 1024 * 1024
/** Of one request, so many rows are built at most, some 40 ms of work; the others have their turn with the next. */
const maxRowsBuilt = 4096

export interface TemplateStoreOptions extends Omit<TemplateContext, 'origin'> {
  /** Templates take so much memory together; the last one may pass it. 0: there are none. */
  readonly maxBytes: number
}

/** What is remembered of a list. */
interface Entry {
  origin: Origin
  template: RowTemplate | undefined
  /** The request that asked for it last. */
  lastRequest: number
  /** It has no template. */
  isUnfit: boolean
}

/**
 * Templates by list, made when a list is seen the second time with the same origin. A template goes with its list. Where the budget is
 * used up, the least recently used goes for a newcomer, but only if it was idle for longer than the newcomer was between its two sights:
 * else lists that come round in turn would push each other out, and each would be built every time.
 */
export class TemplateStore {
  readonly #options: TemplateStoreOptions
  readonly #entries = new WeakMap<SeriesList, Entry>()
  /** Those with a template, in the order of use. */
  readonly #used = new Set<Entry>()
  readonly #lists = new FinalizationRegistry<Entry>((entry) => this.#drop(entry))
  #bytes = 0
  #request = 0
  #rowsLeft = 0

  constructor(options: TemplateStoreOptions) {
    this.#options = options
  }

  /** Memory that templates take. */
  get bytes(): number {
    return this.#bytes
  }

  /** Called before the lists of a request. */
  begin(): void {
    this.#request++
    this.#rowsLeft = maxRowsBuilt
  }

  /** The template of a list that is there, or that can be made now. */
  find(list: SeriesList, origin: Origin): RowTemplate | undefined {
    if (this.#options.maxBytes === 0) return undefined
    const known = this.#entries.get(list)
    if (known === undefined) {
      this.#entries.set(list, { origin, template: undefined, lastRequest: this.#request, isUnfit: false })
      return undefined
    }
    if (known.origin !== origin && !this.#options.schema.isSameOrigin(known.origin, origin)) {
      this.#drop(known)
      known.isUnfit = false
    } else if (known.template === undefined) this.#build(list, { entry: known, origin })
    known.origin = origin
    this.#touch(known)
    return known.template
  }

  #touch(entry: Entry): void {
    if (entry.lastRequest === this.#request) return
    entry.lastRequest = this.#request
    if (this.#used.delete(entry)) this.#used.add(entry)
  }

  #build(list: SeriesList, { entry, origin }: { readonly entry: Entry; readonly origin: Origin }): void {
    // A list that is longer than all turns together has one of its own.
    if (list.length > this.#rowsLeft && this.#rowsLeft < maxRowsBuilt) return
    if (entry.isUnfit || !this.#makeRoom(this.#request - entry.lastRequest)) return
    this.#rowsLeft -= list.length
    entry.template = createRowTemplate(list, { ...this.#options, origin })
    if (entry.template === undefined) {
      entry.isUnfit = true
      return
    }
    this.#bytes += entry.template.size
    this.#used.add(entry)
    this.#lists.register(list, entry, entry)
  }

  /** Whether there is room, if need be that of templates which were idle for longer. */
  #makeRoom(idleRequests: number): boolean {
    for (const entry of this.#used) {
      if (this.#bytes < this.#options.maxBytes || this.#request - entry.lastRequest <= idleRequests) break
      this.#drop(entry)
    }
    return this.#bytes < this.#options.maxBytes
  }

  #drop(entry: Entry): void {
    this.#bytes -= entry.template?.size ?? 0
    entry.template = undefined
    this.#used.delete(entry)
    this.#lists.unregister(entry)
  }
}
