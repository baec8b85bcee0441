import { type Clock, PromlineError } from '@promline/core'
import type { MetricRegistry } from './metric-registry.js'

/** What bounds a collection. */
export interface CollectOptions {
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Collects a registry: the text of its exposition. A collection whose signal aborts rejects with the reason of that. */
export type Collect = (signal?: AbortSignal) => Promise<string>

/** Prometheus' default scrape timeout: nobody waits for longer. */
export const defaultCollectTimeoutMs = 10_000
/** A collection that is given up goes on, and holds memory until it ends: a metric that hangs for ever must not fill it. */
const maxCollections = 8

/**
 * What collects a registry. It rejects with what a metric threw, also where the registry throws at once; with a PromlineError `timeout`
 * where there is no answer in time, `unavailable` while eight collections that were given up have not ended, and `contract` where the answer
 * is no text.
 */
export function createCollect(registry: MetricRegistry, { timeoutMs, clock }: CollectOptions): Collect {
  let collections = 0
  const collect = async (): Promise<string> => {
    if (collections >= maxCollections)
      throw new PromlineError('unavailable', `${collections} collections that were given up have not ended`)
    collections++
    try {
      const text: unknown = await registry.metrics()
      if (typeof text === 'string') return text
      throw new PromlineError('contract', `metrics() of the registry gave no text but ${text === null ? 'null' : typeof text}`)
    } finally {
      collections--
    }
  }
  return async (signal) => {
    let cleanUp = (): void => {}
    const givenUp = new Promise<never>((_resolve, reject) => {
      const cancel = clock.schedule(timeoutMs, () => {
        reject(new PromlineError('timeout', `the registry was not collected within ${timeoutMs} ms`, { facts: { timeoutMs } }))
      })
      const onAbort = (): void => reject(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      cleanUp = () => {
        cancel()
        signal?.removeEventListener('abort', onAbort)
      }
    })
    try {
      return await Promise.race([collect(), givenUp])
    } finally {
      cleanUp()
    }
  }
}
