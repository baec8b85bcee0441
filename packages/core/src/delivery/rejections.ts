import { type Batch, countsOf } from '../model/batch.js'
import type { Rejected } from '../model/flow.js'
import { sumCounts } from '../model/count-math.js'
import type { Courier } from './courier.js'
import type { Lane } from './lane.js'
import type { Request } from './settle-request.js'
import type { DeadLetter } from './sink.js'

export interface RejectionsOptions {
  readonly sink: string
  readonly courier: Courier
  readonly deadLetter?: DeadLetter
}

/** Settles what was refused for good: first the dead letter, then the accounts. Everywhere below, false means that delivery was stopped. */
export class Rejections {
  readonly #options: RejectionsOptions
  /** Batches that were written to the dead letter. */
  deadLetters = 0

  constructor(options: RejectionsOptions) {
    this.#options = options
  }

  /** Writes to the dead letter, for as long as that takes, and only then counts. */
  async settle(request: Request, batches: readonly Batch[], what: Omit<Rejected, 'batches'>): Promise<boolean> {
    const { reason, message, counts } = what
    for (const batch of batches) {
      if (!(await this.#bury(request.lane, batch, { reason, message }))) return false
    }
    request.tally.rejected({ reason, message, counts: request.credit.use('rejected', counts) })
    return true
  }

  /** A request that cannot even be encoded goes whole to the dead letter. */
  settleWhole(request: Request, reason: string, error: Error): Promise<boolean> {
    const counts = sumCounts(request.batches.map(countsOf))
    return this.settle(request, request.batches, { reason, message: error.message, counts })
  }

  async #bury(lane: Lane, batch: Batch, why: { readonly reason: string; readonly message: string }): Promise<boolean> {
    const { sink, courier, deadLetter } = this.#options
    if (deadLetter === undefined) return true
    const answer = await courier.insist({
      part: 'dead letter',
      keys: ['dead letter'],
      lane,
      attempt: async (signal) => {
        await deadLetter.write(batch, { sink, ...why }, { signal })
        return { status: 'delivered' }
      },
    })
    if (answer !== undefined) this.deadLetters++
    return answer !== undefined
  }
}
