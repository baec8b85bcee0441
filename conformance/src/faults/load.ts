import { setTimeout as sleep } from 'node:timers/promises'
import type { SentSamples } from '../e2e/arrivals.js'
import { afterTest } from '../e2e/scope.js'
import { WriteClient, type WriteClientOptions } from '../e2e/write-client.js'

/** A client whose request was not taken comes again soon. */
const refusedPauseMs = 50

/** Clients that write side by side. */
export interface Load {
  readonly clients: readonly WriteClient[]
  /** Samples that were acknowledged. */
  acknowledged(): number
  /** Ends it; resolves when no request is under way. Safe to call twice. */
  stop(): Promise<void>
}

export interface LoadOptions extends Pick<WriteClientOptions, 'seriesPerRequest' | 'padding'> {
  readonly url: string
  /** Each with an address of its own, so that their samples go through several lanes. Default 4. */
  readonly clients?: number
  /** Between a client's requests. Default 100. */
  readonly pauseMs?: number
}

/** Starts clients of remote write. */
export function startLoad({ url, clients: count = 4, pauseMs = 100, ...options }: LoadOptions): Load {
  // 127.0.0.1 is everybody's; each client has an address of its own.
  const clients = Array.from(
    { length: count },
    (_, i) => new WriteClient({ url, name: `client-${i}`, localAddress: `127.0.0.${i + 2}`, ...options }),
  )
  const over = new AbortController()
  const writing = clients.map(async (client) => {
    while (!over.signal.aborted) {
      const failures = client.failures.length
      await client.write()
      await sleep(client.failures.length > failures ? refusedPauseMs : pauseMs)
    }
  })
  const stop = async (): Promise<void> => {
    over.abort()
    await Promise.all(writing)
  }
  afterTest(stop)
  return { clients, acknowledged: () => acknowledgedBy(clients), stop }
}

/** Samples that the clients' receiver has acknowledged. */
export function acknowledgedBy(clients: readonly SentSamples[]): number {
  return clients.reduce((sum, client) => sum + client.acknowledged * client.seriesCount, 0)
}
