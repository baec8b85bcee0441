import { type Logger, toError } from '@promline/core'

/** What was started, to be stopped the other way round. */
export class StopStack {
  readonly #logger: Logger
  readonly #entries: { readonly what: string; readonly stop: () => unknown }[] = []
  #stopping: Promise<void> | undefined

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** @param what for the log, where it cannot be stopped */
  push(what: string, stop: () => unknown): void {
    this.#entries.push({ what, stop })
  }

  /** Stops everything, one after the other; what fails is logged and does not keep the rest. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    for (const { what, stop } of this.#entries.reverse()) {
      try {
        await stop()
      } catch (error) {
        this.#logger.error({ error }, `${what} could not be stopped: ${toError(error).message}`)
      }
    }
  }
}
