import type { AckFile } from './ack-file.js'

/**
 * Writes a sink's acknowledgements as they move: soon, one write at a time, the newest place only. What the disk refuses is tried again
 * with the next change; until then nothing is deleted on its account, so the worst that comes of it is a repetition after a crash.
 */
export class AckWriter {
  readonly #file: AckFile
  readonly #lanes: () => readonly number[]
  readonly #syncsEach: boolean
  readonly #onError: (error: unknown) => void
  #last: Promise<unknown> = Promise.resolve()
  #scheduled = false
  #unwritten = false
  /** What the file says. */
  #written: readonly number[]
  #unsynced = true
  #persisted: readonly number[] = []

  constructor(options: {
    file: AckFile
    /** The place as it is now. */
    lanes: () => readonly number[]
    /** What the file says already; nothing where there is none. */
    written: readonly number[]
    /** Whether every write is forced to the disk. */
    syncsEach: boolean
    onError: (error: unknown) => void
  }) {
    this.#file = options.file
    this.#lanes = options.lanes
    this.#written = options.written
    this.#syncsEach = options.syncsEach
    this.#onError = options.onError
  }

  /** What is on the disk for certain; nothing before the first sync. */
  get persisted(): readonly number[] {
    return this.#persisted
  }

  /** The place has moved. */
  changed(): void {
    this.#unwritten = true
    if (this.#scheduled) return
    this.#scheduled = true
    this.#enqueue(async () => {
      this.#scheduled = false
      await this.#write()
      if (this.#syncsEach) await this.#sync()
    }).catch(this.#onError)
  }

  /** Forces the place, as it is now, to the disk. Rejects with the system's error. */
  flush(): Promise<void> {
    return this.#enqueue(async () => {
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
    await this.#enqueue(() => this.#file.close()).catch(this.#onError)
  }

  async remove(): Promise<void> {
    await this.#enqueue(() => this.#file.remove())
  }

  #enqueue(job: () => Promise<void>): Promise<void> {
    const result = this.#last.then(job)
    this.#last = result.catch(() => {})
    return result
  }

  async #write(): Promise<void> {
    if (!this.#unwritten) return
    this.#unwritten = false
    const lanes = [...this.#lanes()]
    try {
      await this.#file.write(lanes)
    } catch (error) {
      this.#unwritten = true
      throw error
    }
    this.#written = lanes
    this.#unsynced = true
  }

  async #sync(): Promise<void> {
    if (!this.#unsynced) return
    await this.#file.sync(this.#written)
    this.#unsynced = false
    this.#persisted = this.#written
  }
}
