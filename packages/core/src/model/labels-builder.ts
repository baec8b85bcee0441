import { emptyLabels, type Labels, packLabels } from './labels.js'

/** The editable form of labels. Setting an empty value deletes. `build()` gives back the base itself where nothing changed. */
export class LabelsBuilder {
  #base: Labels
  readonly #values = new Map<string, string>()
  #changed = false

  constructor(base: Labels = emptyLabels) {
    this.#base = base
    this.reset(base)
  }

  /** Starts over from another set. */
  reset(base: Labels): this {
    this.#base = base
    this.#values.clear()
    for (let i = 0; i < base.length; i++) this.#values.set(base.nameAt(i), base.valueAt(i))
    this.#changed = false
    return this
  }

  /** The value of a label, or '' where it is absent. */
  get(name: string): string {
    return this.#values.get(name) ?? ''
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The names as they stand now, in no particular order; safe to edit while walking. */
  names(): string[] {
    return [...this.#values.keys()]
  }

  set(name: string, value: string): this {
    if (value === '') return this.delete(name)
    if (this.#values.get(name) !== value) {
      this.#values.set(name, value)
      this.#changed = true
    }
    return this
  }

  delete(name: string): this {
    if (this.#values.delete(name)) this.#changed = true
    return this
  }

  build(): Labels {
    return this.#changed ? packLabels([...this.#values]) : this.#base
  }
}
