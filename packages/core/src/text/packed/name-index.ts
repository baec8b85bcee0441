import { hashRange } from '../../model/byte-range.js'
import type { TextScanner } from './text-scanner.js'

/** Enough for a small page. Powers of two, and twice as many slots as names. */
const initialNames = 64

/** Things found by names that stand in the body, without making strings of these. */
export class NameIndex<Thing> {
  readonly #scanner: TextScanner
  /** By hash, the number of a name plus one; 0 in a free slot. */
  #slots = new Int32Array(2 * initialNames)
  /** Of each name, where it stands. */
  #starts = new Int32Array(initialNames)
  #ends = new Int32Array(initialNames)
  #things: Thing[] = []
  /** Where the name that was looked for last would go. */
  #free = 0

  constructor(scanner: TextScanner) {
    this.#scanner = scanner
  }

  /** In the order in which they were added. */
  get things(): readonly Thing[] {
    return this.#things
  }

  clear(): void {
    if (this.#things.length === 0) return
    this.#things = []
    this.#slots.fill(0)
  }

  /** What was added by a name; undefined where nothing was. */
  find(start: number, end: number): Thing | undefined {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = hashRange(this.#scanner.view, start, end) & mask
    for (let name = slots[slot]!; name > 0; name = slots[slot]!) {
      const at = this.#starts[name - 1]!
      if (this.#ends[name - 1]! - at === end - start && this.#scanner.isSame(start, end, at)) return this.#things[name - 1]
      slot = (slot + 1) & mask
    }
    this.#free = slot
    return undefined
  }

  /** Adds something by the name that was looked for last, and was not found. */
  add(start: number, end: number, thing: Thing): void {
    const name = this.#things.push(thing)
    this.#starts[name - 1] = start
    this.#ends[name - 1] = end
    this.#slots[this.#free] = name
    if (name === this.#starts.length) this.#grow()
  }

  #grow(): void {
    const names = this.#starts.length
    this.#starts = doubled(this.#starts)
    this.#ends = doubled(this.#ends)
    const slots = new Int32Array(2 * this.#slots.length)
    const mask = slots.length - 1
    for (let name = 1; name <= names; name++) {
      let slot = hashRange(this.#scanner.view, this.#starts[name - 1]!, this.#ends[name - 1]!) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = name
    }
    this.#slots = slots
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(2 * array.length)
  grown.set(array)
  return grown
}
