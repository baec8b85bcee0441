import { type ByteRange, compareRanges, rangeOf } from './byte-range.js'

/** One label that was set or deleted. */
export interface LabelEdit {
  name: string
  /** The name in UTF-8. */
  encoded: ByteRange
  /** '' where the label was deleted. */
  value: string
}

/** Labels that were set or deleted: a few, whose objects are used again. In the order in which they were set first since they were deleted. */
export class LabelEdits {
  readonly #edits: LabelEdit[] = []
  readonly #sorted: LabelEdit[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  at(i: number): LabelEdit {
    return this.#edits[i]!
  }

  find(name: string): LabelEdit | undefined {
    for (let i = 0; i < this.#length; i++) if (this.#edits[i]!.name === name) return this.#edits[i]
    return undefined
  }

  clear(): void {
    this.#length = 0
  }

  /** @param value '' deletes */
  set(name: string, value: string): void {
    const known = this.find(name)
    if (known === undefined) this.#add(name, value)
    else {
      if (known.value === '') this.#moveToEnd(known)
      known.value = value
    }
  }

  /** By name, in the order of their bytes. Holds until the next call. */
  sorted(): readonly LabelEdit[] {
    const sorted = this.#sorted
    sorted.length = this.#length
    for (let i = 0; i < this.#length; i++) {
      const edit = this.#edits[i]!
      let at = i
      for (; at > 0 && compareRanges(sorted[at - 1]!.encoded, edit.encoded) > 0; at--) sorted[at] = sorted[at - 1]!
      sorted[at] = edit
    }
    return sorted
  }

  #add(name: string, value: string): void {
    const free = this.#edits[this.#length]
    if (free === undefined) this.#edits.push({ name, encoded: encodeLabelName(name), value })
    else {
      free.name = name
      free.encoded = encodeLabelName(name)
      free.value = value
    }
    this.#length++
  }

  #moveToEnd(edit: LabelEdit): void {
    const edits = this.#edits
    const last = this.#length - 1
    for (let i = edits.indexOf(edit); i < last; i++) edits[i] = edits[i + 1]!
    edits[last] = edit
  }
}

/** A rule has a name or two; what maps labels to names that come from values may have any number. */
const maxNames = 1000
const encodedNames = new Map<string, ByteRange>()

/** The UTF-8 of a name; names come again. Never write to it. */
export function encodeLabelName(name: string): ByteRange {
  const known = encodedNames.get(name)
  if (known !== undefined) return known
  if (encodedNames.size >= maxNames) encodedNames.clear()
  const encoded = rangeOf(name)
  encodedNames.set(name, encoded)
  return encoded
}
