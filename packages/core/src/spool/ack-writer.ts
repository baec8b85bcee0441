import { InTurn } from '../model/in-turn.js'
import type { AckFile } from './ack-file.js'
import type { StoredPlace } from './ack-slot.js'

/**
 * Writes a sink's acknowledgements as they move: soon, one write at a time, the newest place only. What the disk refuses is tried again
 * with the next change, or when `retry` says so; until then nothing is deleted on its account, so the worst that comes of it is a
 * repetition after a crash.
 */
export class AckWriter {
  readonly #file: AckFile
  readonly #place: () => StoredPlace
  readonly #syncsEach: boolean
  readonly #onError: (error: unknown) => void
  readonly #turns = new InTurn()
  #scheduled = false
  #unwritten = false
  /** What the file says. */
  #written: StoredPlace
  #unsynced = true
  #persisted: readonly number[] = []

  constructor(options: {
    file: AckFile
    /** The place as it is now. */
    place: () => StoredPlace
    /** What the file says already; no lanes where there is none. */
    written: StoredPlace
    /** Whether every write is forced to the disk. */
    syncsEach: boolean
    onError: (error: unknown) => void
  }) {
    this.#file = options.file
    this.#place = options.place
    this.#written = options.written
    this.#syncsEach = options.syncsEach
    this.#onError = options.onError
  }

  /** Per lane, what is on the disk for certain; nothing before the first sync. */
  get persisted(): readonly number[] {
    return this.#persisted
  }

  /** Whether there is a file at all: without one a crash would make the sink a new one, for which older batches are not. */
  get isStored(): boolean {
    return this.#written.lanes.length > 0
  }

  /** The place has moved. */
  changed(): void {
    this.#unwritten = true
    if (this.#scheduled) return
    this.#scheduled = true
    this.#turns
      .run(async () => {
        this.#scheduled = false
        await this.#write()
        if (this.#syncsEach) await this.#sync()
      })
      .catch(this.#onError)
  }

  /** Tries again what the disk refused, without waiting for the next change. */
  retry(): void {
    if (this.#unwritten || (this.#unsynced && this.#syncsEach)) this.changed()
  }

  /** Forces the place, as it is now, to the disk. Rejects with the system's error. */
  flush(): Promise<void> {
    return this.#turns.run(async () => {
      await this.#write()
      await this.#sync()
    })
  }

  /** Forces what was written to the disk. Never rejects. */
  async syncLater(): Promise<void> {
    if (this.#unwritten || this.#unsynced) await this.flush().catch(this.#onError)
  }

  async close(): Promise<void> {
    await this.syncLater()
    await this.#turns.run(() => this.#file.close()).catch(this.#onError)
  }

  async remove(): Promise<void> {
    await this.#turns.run(() => this.#file.remove())
  }

  async #write(): Promise<void> {
    if (!this.#unwritten) return
    this.#unwritten = false
    const { lanes, unusedSinceMs } = this.#place()
    const place = { lanes: [...lanes], unusedSinceMs }
    try {
      await this.#file.write(place)
    } catch (error) {
      this.#unwritten = true
      throw error
    }
    this.#written = place
    this.#unsynced = true
  }

  async #sync(): Promise<void> {
    if (!this.#unsynced) return
    await this.#file.sync(this.#written)
    this.#unsynced = false
    this.#persisted = this.#written.lanes
  }
}
