import { emptyLabels, type Labels, packLabels, walkLabels } from './labels.js'

/** The editable form of labels. Setting an empty value deletes. `build()` gives back the base itself where nothing changed. */
export class LabelsBuilder {
  #base: Labels
  readonly #values = new Map<string, string>()
  readonly #set = new Set<string>()
  #changed = false

  constructor(base: Labels = emptyLabels) {
    this.#base = base
    this.reset(base)
  }

  /** Starts over from another set. */
  reset(base: Labels): this {
    this.#base = base
    this.#values.clear()
    this.#set.clear()
    const { bytes } = base
    // One view for all names and values: a view each would cost more than the strings.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    walkLabels(bytes, ({ nameStart, nameEnd, valueStart, valueEnd }) => {
      this.#values.set(text.toString('utf8', nameStart, nameEnd), text.toString('utf8', valueStart, valueEnd))
      return true
    })
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

  /**
   * The names as they stand now, a copy: those of the base that were not set, in its order, then those that were, in the order of the
   * first setting. It is the order in which Prometheus' builder walks, and decides who wins where two labels are mapped to one.
   */
  names(): string[] {
    return [...this.#values.keys()]
  }

  set(name: string, value: string): this {
    if (value === '') return this.delete(name)
    if (this.#values.get(name) !== value) this.#changed = true
    if (!this.#set.has(name)) {
      this.#set.add(name)
      this.#values.delete(name)
    }
    this.#values.set(name, value)
    return this
  }

  delete(name: string): this {
    if (this.#values.delete(name)) this.#changed = true
    this.#set.delete(name)
    return this
  }

  build(): Labels {
    return this.#changed ? packLabels([...this.#values]) : this.#base
  }
}
