import { hashBytes } from '../model/bytes.js'
import type { Labels } from '../model/labels.js'

interface Entry<V> {
  readonly labels: Labels
  readonly value: V
  next: Entry<V> | undefined
}

/** A map whose keys are sets of labels, compared by content. */
export class LabelsMap<V> {
  readonly #chains = new Map<number, Entry<V>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(labels: Labels): V | undefined {
    let entry = this.#chains.get(hashBytes(labels.bytes))
    while (entry !== undefined && !entry.labels.equals(labels)) entry = entry.next
    return entry?.value
  }

  /** Adds what is not there yet. */
  add(labels: Labels, value: V): void {
    const hash = hashBytes(labels.bytes)
    this.#chains.set(hash, { labels, value, next: this.#chains.get(hash) })
    this.#size++
  }

  clear(): void {
    this.#chains.clear()
    this.#size = 0
  }

  /** Deletes what `keep` does not want. */
  prune(keep: (value: V) => boolean): void {
    for (const [hash, first] of this.#chains) {
      let kept: Entry<V> | undefined
      for (let entry: Entry<V> | undefined = first; entry !== undefined; ) {
        const { next }: Entry<V> = entry
        if (keep(entry.value)) {
          entry.next = kept
          kept = entry
        } else this.#size--
        entry = next
      }
      if (kept === undefined) this.#chains.delete(hash)
      else if (kept !== first) this.#chains.set(hash, kept)
    }
  }
}
