import type { Segment } from './segment.js'

/** The segments of a spool, in order, and what they hold. Knows nothing of files. */
export class SegmentLog {
  #segments: Segment[] = []
  #head: number

  /** @param head the last number that was ever given out. */
  constructor(segments: readonly Segment[], head: number) {
    this.#segments = [...segments]
    this.#head = head
  }

  /** The last batch that readers may see. */
  get head(): number {
    return this.#head
  }

  /** The oldest batch that is still there; one after the head where there is none. */
  get firstSeq(): number {
    return this.nextHeld(0) ?? this.#head + 1
  }

  get segments(): readonly Segment[] {
    return this.#segments
  }

  get bytes(): number {
    return this.#segments.reduce((bytes, segment) => bytes + segment.size, 0)
  }

  /** Lets readers see everything up to a batch. */
  advance(head: number): void {
    this.#head = head
  }

  /** Adds a segment at its place. One of the same name goes: its file was replaced. Older ones give up what the new one holds. */
  insert(segment: Segment): void {
    const others = this.#segments.filter((other) => other.firstSeq !== segment.firstSeq)
    for (const other of others) if (other.firstSeq < segment.firstSeq) other.truncate(segment.firstSeq)
    this.#segments = [...others, segment].sort((a, b) => a.firstSeq - b.firstSeq)
  }

  remove(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment)
  }

  /** The first batch at or after `seq` that is there and that readers may see. */
  nextHeld(seq: number): number | undefined {
    for (let i = this.#indexOf(seq); i < this.#segments.length; i++) {
      const segment = this.#segments[i]!
      for (let held = Math.max(seq, segment.firstSeq); held <= segment.lastSeq && held <= this.#head; held++) {
        if (segment.holds(held)) return held
      }
    }
    return undefined
  }

  /** The segment that holds a batch. */
  segmentOf(seq: number): Segment | undefined {
    const segment = this.#segments[this.#indexOf(seq)]
    return segment?.holds(seq) === true ? segment : undefined
  }

  /** Bytes of the batches after `seq`, headers of segments left out. */
  bytesAfter(seq: number): number {
    let bytes = 0
    for (let i = this.#indexOf(seq); i < this.#segments.length; i++) {
      const segment = this.#segments[i]!
      bytes += segment.size - segment.startOf(Math.max(seq + 1, segment.firstSeq))
    }
    return bytes
  }

  /** Index of the last segment that begins at or before a batch, 0 where there is none. */
  #indexOf(seq: number): number {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#segments[middle]!.firstSeq <= seq) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}
