import type { AckFile } from './ack-file.js'
import type { StoredPlace } from './ack-slot.js'
import { AckWriter } from './ack-writer.js'
import { Lanes, lowest } from './lanes.js'

/** How far a sink has come, and the file that says so. It stays when its cursor is closed. */
export class Place {
  readonly name: string
  readonly lanes: Lanes
  readonly acks: AckWriter
  #unusedSinceMs: number

  constructor(options: {
    name: string
    file: AckFile
    /** What the file says; undefined where there is none, or where it is damaged. */
    stored: StoredPlace | undefined
    syncsEach: boolean
    onError: (error: unknown) => void
  }) {
    const { name, file, stored = { lanes: [], unusedSinceMs: 0 }, syncsEach, onError } = options
    this.name = name
    this.#unusedSinceMs = stored.unusedSinceMs
    this.lanes = new Lanes({ name, settled: stored.lanes, onMoved: () => this.acks.changed() })
    const place = (): StoredPlace => ({ lanes: this.lanes.settled, unusedSinceMs: this.#unusedSinceMs })
    this.acks = new AckWriter({ file, place, written: stored, syncsEach, onError })
  }

  /** Everything up to this batch is settled. */
  get floor(): number {
    return this.lanes.floor
  }

  /** The floor that no crash takes back. */
  get persistedFloor(): number {
    return lowest(this.acks.persisted)
  }

  /** Since when nobody has used it, wall clock in milliseconds; 0 while somebody does, as far as anybody has noticed. */
  get unusedSinceMs(): number {
    return this.#unusedSinceMs
  }

  /** Somebody uses the place: 0. Or nobody does, since this time. */
  setUnusedSince(unusedSinceMs: number): void {
    if (unusedSinceMs === this.#unusedSinceMs) return
    this.#unusedSinceMs = unusedSinceMs
    // A place without lanes, of which nothing is known, is one that no file can say anything of.
    if (this.lanes.settled.length > 0) this.acks.changed()
  }
}
