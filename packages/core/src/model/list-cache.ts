import type { KeptForm, ListBudget } from './list-budget.js'
import type { SeriesList } from './series-list.js'

/** Objects and headers of what is kept of a list, about. */
const overheadBytes = 512

export interface ListCacheOptions<Form, Context> {
  /** May be shared with other caches. */
  readonly budget: ListBudget
  /** Makes the form of a list; undefined where there is none, which is remembered. */
  readonly create: (list: SeriesList, context: Context) => Form | undefined
  /** Bytes of its arrays. */
  readonly sizeOf: (form: Form) => number
  /** Whether a form that was made in one context holds in another. Default: in any. */
  readonly isSameContext?: (a: Context, b: Context) => boolean
  /** Whether a form is also made to be used once, where it is not kept: for one that costs no more than doing without. Default: no. */
  readonly makesAlways?: boolean
}

/**
 * What is kept of lists in one form, by identity: from the second time on that a list is asked for in the same context, since most that are
 * not repeated never are. It goes with its list.
 */
export class ListCache<Form extends object, Context = undefined> {
  readonly #options: ListCacheOptions<Form, Context>
  readonly #entries = new WeakMap<SeriesList, Entry<Form, Context>>()

  constructor(options: ListCacheOptions<Form, Context>) {
    this.#options = options
  }

  /** The form of a list that is there, or that can be made now. */
  find(list: SeriesList, context: Context): Form | undefined {
    const { budget } = this.#options
    const entry = this.#entries.get(list)
    if (entry === undefined) return this.#meet(list, new Entry<Form, Context>(context, budget.now))
    if (entry.context !== context) {
      if (!(this.#options.isSameContext?.(entry.context, context) ?? true)) return this.#begin(list, { entry, context })
      entry.context = context
    }
    const idle = budget.now - entry.seenAt
    entry.seenAt = budget.now
    return entry.form ?? this.#make(list, { entry, idle })
  }

  /** The first sight. */
  #meet(list: SeriesList, entry: Entry<Form, Context>): Form | undefined {
    this.#entries.set(list, entry)
    return this.#options.makesAlways ? this.#create(list, entry) : undefined
  }

  /** In another context everything begins anew. */
  #begin(list: SeriesList, { entry, context }: { readonly entry: Entry<Form, Context>; readonly context: Context }): Form | undefined {
    this.#options.budget.drop(entry)
    return this.#meet(list, new Entry<Form, Context>(context, this.#options.budget.now))
  }

  #make(list: SeriesList, { entry, idle }: { readonly entry: Entry<Form, Context>; readonly idle: number }): Form | undefined {
    const { budget, sizeOf, makesAlways } = this.#options
    if (entry.hasNoForm) return undefined
    const isKept = budget.admits(list.length, idle)
    if (!isKept && !makesAlways) return undefined
    const form = this.#create(list, entry)
    if (form === undefined || !isKept) return form
    entry.form = form
    entry.size = sizeOf(form) + overheadBytes
    budget.add(entry, list)
    return form
  }

  #create(list: SeriesList, entry: Entry<Form, Context>): Form | undefined {
    const form = this.#options.create(list, entry.context)
    entry.hasNoForm = form === undefined
    return form
  }
}

/** What is known of a list that was asked for. */
class Entry<Form, Context> implements KeptForm {
  form: Form | undefined
  size = 0
  hasNoForm = false
  context: Context
  seenAt: number

  constructor(context: Context, seenAt: number) {
    this.context = context
    this.seenAt = seenAt
  }

  drop(): void {
    this.form = undefined
    this.size = 0
  }
}
