/** Room of an empty index: a target of a dozen lines needs no more. */
const minCapacity = 16
/** Above this share of its room an index grows by half, so that an entry takes 10 to 15 bytes. */
const maxLoad = 0.8
const growth = 1.5
/** Below this share it shrinks. */
const minLoad = 0.25

/**
 * A hash table of places (non-negative integers) in one array, without an object an entry: pairs of a hash and a place. Several places
 * may have the same hash; which one is meant is for the caller to see.
 */
export class PlaceIndex {
  #slots = new Int32Array(2 * minCapacity)
  #capacity = minCapacity
  #size = 0
  /** What was looked for last, and where it was found. */
  #hash = 0
  #found = 0

  get size(): number {
    return this.#size
  }

  /** Whether the next place makes it grow. */
  get isFull(): boolean {
    return this.#size >= this.#capacity * maxLoad
  }

  /** The first place with this hash, or -1. */
  first(hash: number): number {
    this.#hash = hash | 0
    this.#found = this.#homeOf(hash)
    return this.#candidate()
  }

  /** The next place with the hash of `first`, or -1. */
  next(): number {
    this.#found = this.#after(this.#found)
    return this.#candidate()
  }

  /** Puts another place where `first` or `next` found one. */
  replace(place: number): void {
    this.#slots[2 * this.#found + 1] = place + 1
  }

  add(hash: number, place: number): void {
    if (this.isFull) this.#resize(Math.ceil(this.#capacity * growth))
    this.#insert(hash | 0, place + 1)
    this.#size++
  }

  /** Puts another place where one is, if it is there. */
  move(hash: number, from: number, to: number): void {
    for (let at = this.first(hash); at >= 0; at = this.next()) {
      if (at !== from) continue
      this.replace(to)
      return
    }
  }

  /** Removes a place, if it is there. */
  remove(hash: number, place: number): void {
    for (let at = this.first(hash); at >= 0; at = this.next()) {
      if (at !== place) continue
      this.#close(this.#found)
      this.#size--
      return
    }
  }

  /** Removes all places but those of which this holds. */
  retain(isKept: (place: number) => boolean): void {
    const slots = this.#slots
    for (let i = 1; i < slots.length; i += 2) {
      if (slots[i] === 0 || isKept(slots[i]! - 1)) continue
      slots[i] = 0
      this.#size--
    }
    this.#fit()
  }

  /** Lets go of room that is not needed. */
  trim(): void {
    if (this.#capacity > minCapacity && this.#size < this.#capacity * minLoad) this.#fit()
  }

  #candidate(): number {
    const slots = this.#slots
    const hash = this.#hash
    let at = this.#found
    for (; slots[2 * at + 1] !== 0; at = this.#after(at)) {
      if (slots[2 * at] !== hash) continue
      this.#found = at
      return slots[2 * at + 1]! - 1
    }
    return -1
  }

  /** Hashes are spread over any capacity by their size. */
  #homeOf(hash: number): number {
    return Math.floor((hash >>> 0) * 2 ** -32 * this.#capacity)
  }

  #after(slot: number): number {
    return slot + 1 === this.#capacity ? 0 : slot + 1
  }

  #insert(hash: number, stored: number): void {
    let slot = this.#homeOf(hash)
    while (this.#slots[2 * slot + 1] !== 0) slot = this.#after(slot)
    this.#slots[2 * slot] = hash
    this.#slots[2 * slot + 1] = stored
  }

  /** Empties a slot; what stands behind it and may stand further in front moves up. */
  #close(slot: number): void {
    const slots = this.#slots
    let empty = slot
    for (let at = this.#after(slot); slots[2 * at + 1] !== 0; at = this.#after(at)) {
      const home = this.#homeOf(slots[2 * at]!)
      if (this.#distance(home, at) < this.#distance(empty, at)) continue
      slots[2 * empty] = slots[2 * at]!
      slots[2 * empty + 1] = slots[2 * at + 1]!
      empty = at
    }
    slots[2 * empty + 1] = 0
  }

  #distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#capacity
  }

  /** Makes room for half as many again. */
  #fit(): void {
    this.#resize(Math.max(minCapacity, Math.ceil((this.#size / maxLoad) * growth)))
  }

  #resize(capacity: number): void {
    const before = this.#slots
    this.#slots = new Int32Array(2 * capacity)
    this.#capacity = capacity
    for (let i = 0; i < before.length; i += 2) if (before[i + 1] !== 0) this.#insert(before[i]!, before[i + 1]!)
  }
}
