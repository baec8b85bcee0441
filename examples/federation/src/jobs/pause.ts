import type { Clock } from '@promline/core'

/** Resolves after some milliseconds. Rejects with the signal's reason when that aborts before, or has. */
export function pause(ms: number, { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(Math.max(0, ms), () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = (): void => {
      cancel()
      reject(signal.reason)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
