/** Places are numbered in blocks of this size. */
const blockBits = 10
const blockSize = 1 << blockBits

/** Numbers the places (lines or rows) of segments, so that an index can hold numbers. */
export class SegmentTable<Segment extends object> {
  readonly #blocksOf = new Map<Segment, number[]>()
  readonly #segments: (Segment | undefined)[] = []
  /** The first place of each block. */
  readonly #bases: number[] = []
  readonly #free: number[] = []

  /** The number of a segment's place. */
  numberOf(segment: Segment, place: number): number {
    return numberIn(this.blocksOf(segment, place + 1), place)
  }

  /** For `numberIn`: what numbers the places of a segment, of which there are at least so many. */
  blocksOf(segment: Segment, places: number): readonly number[] {
    let blocks = this.#blocksOf.get(segment)
    if (blocks === undefined) {
      blocks = []
      this.#blocksOf.set(segment, blocks)
    }
    while (blocks.length << blockBits < places) blocks.push(this.#allocate(segment, blocks.length))
    return blocks
  }

  /** Whether any of its places has a number. */
  has(segment: Segment): boolean {
    return this.#blocksOf.has(segment)
  }

  segmentOf(number: number): Segment {
    return this.#segments[number >>> blockBits]!
  }

  placeOf(number: number): number {
    return this.#bases[number >>> blockBits]! + (number & (blockSize - 1))
  }

  /** Another segment takes over the numbers of one; it has none yet. */
  transfer(from: Segment, to: Segment): void {
    const blocks = this.#blocksOf.get(from)
    if (blocks === undefined) return
    this.#blocksOf.delete(from)
    this.#blocksOf.set(to, blocks)
    for (const block of blocks) this.#segments[block] = to
  }

  /** The segment's places have numbers no longer. */
  release(segment: Segment): void {
    for (const block of this.#blocksOf.get(segment) ?? []) {
      this.#segments[block] = undefined
      this.#free.push(block)
    }
    this.#blocksOf.delete(segment)
  }

  #allocate(segment: Segment, index: number): number {
    const block = this.#free.pop() ?? this.#segments.length
    this.#segments[block] = segment
    this.#bases[block] = index << blockBits
    return block
  }
}

/** The number of a place, as `numberOf` gives it. */
export function numberIn(blocks: readonly number[], place: number): number {
  return (blocks[place >>> blockBits]! << blockBits) | (place & (blockSize - 1))
}
