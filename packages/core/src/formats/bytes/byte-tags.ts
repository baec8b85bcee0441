import { type ByteRange, compareRanges, equalRanges, rangeOf } from '../../model/byte-range.js'

/** A tag by its bytes. */
export interface ByteTag {
  readonly name: ByteRange
  readonly value: ByteRange
}

/** The tags of a series, sorted by name. Its objects are used again for the next series. */
export class ByteTags {
  readonly #tags: ByteTag[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  at(i: number): ByteTag {
    return this.#tags[i]!
  }

  clear(): void {
    this.#length = 0
  }

  /** Adds a tag that comes after all others. */
  push(tag: ByteTag): void {
    copyTag(tag, this.#next())
  }

  /** Where a tag stands; -1 where there is none of that name. */
  find(name: ByteRange): number {
    for (let i = 0; i < this.#length; i++) if (equalRanges(this.#tags[i]!.name, name)) return i
    return -1
  }

  /** Puts a tag in its place, or gives the one of its name its value. */
  set(tag: ByteTag): void {
    const at = this.find(tag.name)
    if (at < 0) this.insert(tag)
    else copyRange(tag.value, this.#tags[at]!.value)
  }

  /** Puts a tag in its place, after others of its name. */
  insert(tag: ByteTag): void {
    const last = this.#length
    copyTag(tag, this.#next())
    this.#sink(last)
  }

  /** Takes the first bytes of a tag's name off, and puts it in its new place. */
  shortenName(at: number, bytes: number): void {
    const tag = this.#tags[at]!
    tag.name.start += bytes
    for (let i = at; i + 1 < this.#length; i++) this.#tags[i] = this.#tags[i + 1]!
    this.#tags[this.#length - 1] = tag
    this.#sink(this.#length - 1)
  }

  #next(): ByteTag {
    const known = this.#tags[this.#length]
    const next = known ?? { name: rangeOf(''), value: rangeOf('') }
    if (known === undefined) this.#tags.push(next)
    this.#length++
    return next
  }

  /** Moves a tag to the front of those whose names come after its own. */
  #sink(from: number): void {
    const tag = this.#tags[from]!
    let at = from
    for (; at > 0 && compareRanges(this.#tags[at - 1]!.name, tag.name) > 0; at--) this.#tags[at] = this.#tags[at - 1]!
    this.#tags[at] = tag
  }
}

function copyTag(from: ByteTag, to: ByteTag): void {
  copyRange(from.name, to.name)
  copyRange(from.value, to.value)
}

function copyRange(from: ByteRange, to: ByteRange): void {
  // Most often they are the same, and the engine keeps account of every object that is written into an old one.
  if (to.bytes !== from.bytes) {
    to.bytes = from.bytes
    to.view = from.view
  }
  to.start = from.start
  to.end = from.end
}
