import type { ReceiverConfig } from './config.js'
import { unknownClient } from './clients.js'

type Count = (amount: number, labels: Readonly<Record<string, string>>) => void

/** What a receiver counts. The label `client` is there only where clients are configured: without them everybody would be a value of it. */
export class RequestCounts {
  readonly #receiver: string
  readonly #requests: Count
  readonly #clientRequests: Count | undefined
  readonly #replaced: Count | undefined

  constructor({ name, instruments, clients }: ReceiverConfig) {
    this.#receiver = name
    this.#requests = instruments.counter({
      name: 'receiver_requests_total',
      help: 'Requests of remote write by the status they were answered with; 499 where the client went away before.',
      labelNames: ['receiver', 'code'],
    })
    if (clients.length === 0) return
    this.#clientRequests = instruments.counter({
      name: 'receiver_client_requests_total',
      help: `Requests of remote write by client and status; client="${unknownClient}" where none is proven.`,
      labelNames: ['receiver', 'client', 'code'],
    })
    this.#replaced = instruments.counter({
      name: 'receiver_replaced_series_total',
      help: 'Series received in which an enforced label took the place of another value that the client said.',
      labelNames: ['receiver', 'client'],
    })
    for (const { name: client } of clients) this.#replaced(0, { receiver: name, client })
  }

  /** @param client the name of a configured one. */
  request(code: string, client: string | undefined): void {
    this.#requests(1, { receiver: this.#receiver, code })
    this.#clientRequests?.(1, { receiver: this.#receiver, client: client ?? unknownClient, code })
  }

  replaced(series: number, client: string): void {
    this.#replaced?.(series, { receiver: this.#receiver, client })
  }
}
