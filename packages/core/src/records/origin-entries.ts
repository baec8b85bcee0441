import type { Origin } from '../model/batch.js'
import { assertOrigin } from './assert-batch.js'
import type { Entry } from './dictionary-entry.js'

/** An origin in a segment's dictionary. */
export interface OriginEntry extends Entry {
  /** What was written of it, nothing at first: a small batch is all that it takes for its origin to be due. */
  payload: Uint8Array
}

/** The origins of a segment, by content. */
export class OriginEntries {
  readonly #entries = new Map<string, OriginEntry>()
  /** The same, for the objects that come again and again. */
  #known = new WeakMap<Origin, OriginEntry>()
  /** Those that are not on the disk yet. */
  #added: string[] = []

  /** The number of those that are not on the disk yet: a place to which `truncate` goes back. */
  get added(): number {
    return this.#added.length
  }

  /** The entry of an origin; a new one has the id that is free. Throws a PromlineError (`encode`), as `assertOrigin`. */
  find(origin: Origin, freeId: number): OriginEntry {
    let entry = this.#known.get(origin)
    if (entry !== undefined) return entry
    assertOrigin(origin) // before its key, which is the same for what is missing and what is null
    const key = keyOf(origin)
    entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = { id: freeId, bytes: 0, columnBytes: 0, payload: new Uint8Array(0) }
      this.#entries.set(key, entry)
      this.#added.push(key)
    }
    this.#known.set(origin, entry)
    return entry
  }

  /** Forgets those that came since `added` was this. */
  truncate(added: number): void {
    for (const key of this.#added.splice(added)) {
      this.#entries.delete(key)
      this.#known = new WeakMap()
    }
  }

  /** All are on the disk. */
  commit(): void {
    this.#added = []
  }
}

function keyOf(origin: Origin): string {
  const labels = origin.targetLabels === undefined ? '' : Buffer.from(origin.targetLabels.bytes).toString('latin1')
  return JSON.stringify([origin.kind, origin.id, origin.url, origin.tenant, labels])
}
