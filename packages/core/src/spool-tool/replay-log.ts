import type { Logger } from '../model/logger.js'

/** A server that refuses one request for its reasons often refuses them all: one line for each tells nothing more. */
const saidRefusals = 5

/** The warnings and errors of a pipeline as lines, of its refusals the first few. */
export class ReplayLog implements Logger {
  readonly #complain: (line: string) => void
  #refusals = 0

  constructor(complain: (line: string) => void) {
    this.#complain = complain
  }

  debug(): void {}

  info(): void {}

  warn(_: object, message: string): void {
    this.#complain(message)
  }

  error(facts: object, message: string): void {
    // Of what a pipeline logs only refusals come with counts.
    if ('counts' in facts && ++this.#refusals > saidRefusals) return
    this.#complain(message)
  }

  /** Says how many refusals there were, if not all were said. */
  report(): void {
    if (this.#refusals > saidRefusals) this.#complain(`... ${this.#refusals} refusals in all; the first ${saidRefusals} are above`)
  }
}
