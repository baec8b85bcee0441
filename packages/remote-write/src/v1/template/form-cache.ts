import type { SeriesList } from '@promline/core'
import type { FormBudget, Kept } from './form-budget.js'

/** Objects and headers of what is kept of a list, about. */
const overheadBytes = 512

export interface FormCacheOptions<Form> {
  /** Shared with other caches. */
  readonly budget: FormBudget
  /** Makes the form of a list; undefined where it is too large to keep. */
  readonly create: (list: SeriesList) => Form | undefined
  /** Bytes of its arrays. */
  readonly sizeOf: (form: Form) => number
}

/** What is kept of lists in one form, by identity: made when a list is asked for the second time, since most that are not repeated never are. */
export class FormCache<Form> {
  readonly #options: FormCacheOptions<Form>
  readonly #entries = new WeakMap<SeriesList, Entry<Form>>()

  constructor(options: FormCacheOptions<Form>) {
    this.#options = options
  }

  /** The form of a list, which is there, or which can be made now. */
  find(list: SeriesList): Form | undefined {
    const { budget } = this.#options
    const { nowMs } = budget
    const entry = this.#entries.get(list)
    if (entry === undefined) {
      this.#entries.set(list, new Entry(nowMs))
      return undefined
    }
    const idleMs = nowMs - entry.seenMs
    entry.seenMs = nowMs
    if (entry.form !== undefined) budget.touch(entry)
    else if (!entry.isTooLarge && budget.admits(list.length, idleMs)) this.#make(list, entry)
    return entry.form
  }

  #make(list: SeriesList, entry: Entry<Form>): void {
    const { budget, create, sizeOf } = this.#options
    entry.form = create(list)
    entry.isTooLarge = entry.form === undefined
    if (entry.form === undefined) return
    entry.size = sizeOf(entry.form) + overheadBytes
    budget.add(entry)
  }
}

class Entry<Form> implements Kept {
  form: Form | undefined
  size = 0
  isTooLarge = false
  seenMs: number

  constructor(seenMs: number) {
    this.seenMs = seenMs
  }

  drop(): void {
    this.form = undefined
    this.size = 0
  }
}
