import { getEventListeners } from 'node:events'

/** A controller on loan, and how often it was lent. */
export interface LentController {
  readonly controller: AbortController
  lent: number
}

/**
 * What a borrower attached to a signal in ways that nobody sees (`AbortSignal.any` keeps weak references) is let go of with the controller,
 * after this many loans.
 */
const maxLoans = 100

/**
 * Controllers for things that seldom are aborted, lent to one after the other: making one, with its signal, costs more than all the rest of
 * a short attempt. One that was aborted, or that its borrower left a listener on, is not lent again.
 */
export class ControllerPool {
  readonly #idle: LentController[] = []

  lend(): LentController {
    const lent = this.#idle.pop() ?? { controller: new AbortController(), lent: 0 }
    lent.lent++
    return lent
  }

  giveBack(lent: LentController): void {
    const { signal } = lent.controller
    if (signal.aborted || lent.lent >= maxLoans || signal.onabort !== null || getEventListeners(signal, 'abort').length > 0) return
    this.#idle.push(lent)
  }
}
