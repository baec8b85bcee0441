import { ClientSeries } from './client-series.js'
import type { EnforcedLabels } from './enforced-labels.js'

/** Clients remembered at one time; the one that was heard longest ago goes first. */
const maxClients = 1024
/** An hour: a client that is silent for longer is described again when it comes back. */
const maxIdleMs = 3_600_000

/** The clients of a receiver, by whatever tells them apart. */
export class ClientTable {
  /** In the order in which they were heard last. */
  readonly #clients = new Map<string, ClientSeries>()

  /**
   * @param nowMs any clock that only goes forward.
   * @param enforced labels that all series of this client get; the same ones, always.
   */
  get(key: string, nowMs: number, enforced?: EnforcedLabels): ClientSeries {
    const client = this.#clients.get(key) ?? new ClientSeries(nowMs, enforced)
    this.#clients.delete(key)
    this.#clients.set(key, client)
    client.sweep(nowMs)
    for (const [oldest, { seenMs }] of this.#clients) {
      if (this.#clients.size <= maxClients && nowMs - seenMs < maxIdleMs) break
      this.#clients.delete(oldest)
    }
    return client
  }
}
