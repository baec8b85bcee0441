import type { Clock } from '../model/clock.js'
import { PromlineError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import { diskError, isFull } from './disk-error.js'
import type { FileSystem } from './file-system.js'

/** What the disk refused is tried again after this: half of the second within which appends are to be taken again once there is room. */
const probeMs = 500
/** The free space is looked at this often while appends come, and after so many bytes. */
const freeCheckMs = 500
const freeCheckBytes = 16 * 1024 * 1024

export interface DiskTroubleOptions {
  readonly fileSystem: FileSystem
  readonly folder: string
  readonly clock: Clock
  readonly logger: Logger
  readonly minFreeBytes: number
}

/** Why nothing can be written now: what the disk refused the last time, until it is time to ask again, and free space that is too little. */
export class DiskTrouble {
  readonly #options: DiskTroubleOptions
  #held: { readonly error: PromlineError; readonly retryAtMs: number } | undefined
  #checkAtMs = 0
  #bytesToCheck = 0

  constructor(options: DiskTroubleOptions) {
    this.#options = options
  }

  /** In words, from the refusal to the first write that is taken. */
  get reason(): string | undefined {
    return this.#held?.error.message
  }

  /** What an append is to be refused with now; undefined where it may be tried. */
  async obstacle(): Promise<PromlineError | undefined> {
    const { clock, fileSystem, folder, minFreeBytes } = this.#options
    if (this.#held !== undefined && clock.monotonicMs() < this.#held.retryAtMs) return this.#held.error
    if (minFreeBytes === 0 || (clock.monotonicMs() < this.#checkAtMs && this.#bytesToCheck > 0)) return undefined
    // Where the system does not say how much is free, the disk itself will.
    const freeBytes = await fileSystem.freeBytes(folder).catch(() => Number.POSITIVE_INFINITY)
    if (freeBytes < minFreeBytes) {
      const message = `spool ${folder}: ${freeBytes} bytes free, fewer than minFreeBytes ${minFreeBytes}`
      return this.#hold(new PromlineError('spool-full', message, { facts: { folder, freeBytes, minFreeBytes } }))
    }
    this.#checkAtMs = clock.monotonicMs() + freeCheckMs
    this.#bytesToCheck = freeCheckBytes
    return undefined
  }

  /** The system refused something. Resolves to what is refused with it. */
  async met(error: unknown): Promise<PromlineError> {
    const { fileSystem, folder } = this.#options
    const freeBytes = isFull(error) ? await fileSystem.freeBytes(folder).catch(() => undefined) : undefined
    return this.#hold(diskError(error, { folder, freeBytes }))
  }

  /** So many bytes are about to be written. */
  writing(bytes: number): void {
    this.#bytesToCheck -= bytes
  }

  /** Something was written. */
  passed(): void {
    if (this.#held === undefined) return
    this.#held = undefined
    const { folder, logger } = this.#options
    logger.info({ folder }, `spool ${folder}: appends are accepted again`)
  }

  /** Space was freed: what was refused for want of it may be tried at once. */
  freed(): void {
    if (this.#held?.error.code === 'spool-full') this.#held = { ...this.#held, retryAtMs: 0 }
  }

  #hold(error: PromlineError): PromlineError {
    const { clock, logger, folder } = this.#options
    if (this.#held?.error.message !== error.message) logger.error({ folder, ...error.facts }, error.message)
    this.#held = { error, retryAtMs: clock.monotonicMs() + probeMs }
    return error
  }
}
