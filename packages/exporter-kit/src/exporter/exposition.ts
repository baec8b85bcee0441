import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Clock, PromlineError } from '@promline/core'
import type { MetricRegistry } from '../registry/metric-registry.js'

const compress = promisify(gzip)

/** One rendering of a registry, ready to be sent. */
export interface Exposition {
  readonly contentType: string
  readonly body: Uint8Array
  /** The body, compressed on the first call. */
  gzipped(): Promise<Uint8Array>
}

/**
 * Renders a registry; calls that come while a rendering is under way get the same one, so that ten scrapers at once cost as much as one.
 * Rejects with what a metric threw, or with a PromlineError (`timeout`) where a metric does not answer; that rendering is then given up,
 * and the next call begins another.
 */
export function createExpositions(registry: MetricRegistry, options: { timeoutMs: number; clock: Clock }): () => Promise<Exposition> {
  let current: Promise<Exposition> | undefined
  return () => {
    if (current !== undefined) return current
    const rendering = withTimeout(render(registry), options).finally(() => {
      if (current === rendering) current = undefined
    })
    current = rendering
    return rendering
  }
}

async function render(registry: MetricRegistry): Promise<Exposition> {
  const body = Buffer.from(await registry.metrics())
  let compressed: Promise<Uint8Array> | undefined
  return {
    contentType: registry.contentType,
    body,
    gzipped: () => {
      compressed ??= compress(body)
      return compressed
    },
  }
}

function withTimeout<T>(work: Promise<T>, { timeoutMs, clock }: { timeoutMs: number; clock: Clock }): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(timeoutMs, () => {
      reject(new PromlineError('timeout', `the registry was not collected within ${timeoutMs} ms`, { facts: { timeoutMs } }))
    })
    work.then(resolve, reject).finally(cancel)
  })
}
