import type { InstrumentLabels, Instruments } from '@promline/core'

/** The counter of a receiver of remote write whose clients are configured: labels `client` and `code`. */
const counterName = 'receiver_client_requests_total'
/** The client went away before it was answered. */
const goneCode = '499'

/** Requests of a client that were refused, by the status that it was answered with. */
export type Refusals = Readonly<Record<string, number>>

/** Instruments that do what those do which they are made of, and know which requests of its clients a receiver has refused. */
export class ClientAnswers {
  /** What the receiver is to be given. */
  readonly instruments: Instruments
  readonly #refused = new Map<string, Record<string, number>>()

  constructor(instruments: Instruments) {
    this.instruments = {
      gauge: (options) => instruments.gauge(options),
      beforeCollect: (update) => instruments.beforeCollect(update),
      counter: (options) => {
        const count = instruments.counter(options)
        if (options.name !== counterName) return count
        return (amount, labels) => {
          this.#note(amount, labels)
          count(amount, labels)
        }
      },
    }
  }

  /** By client, since the start. Those that prove nothing are `unknown`. */
  refused(): ReadonlyMap<string, Refusals> {
    return this.#refused
  }

  #note(amount: number, { client = '', code = '' }: InstrumentLabels): void {
    if (Number(code) < 400 || code === goneCode) return
    const byCode = this.#refused.get(client) ?? {}
    this.#refused.set(client, byCode)
    byCode[code] = (byCode[code] ?? 0) + amount
  }
}
