import { stopOnSignals } from '@promline/example-pipeline/program-parts'

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export async function untilStopped(signal: AbortSignal = stopOnSignals()): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
