import { isPromlineError, toError } from '@promline/core'
import { UsageError } from './read-arguments.js'

/** Runs the body of a program. What fails is one line where a person can mend it, and sets the exit status: 2 for wrong use, else 1. */
export async function runMain(body: () => Promise<void>): Promise<void> {
  try {
    await body()
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1
    // Anything else is a fault of ours and says where it is.
    const known = error instanceof UsageError || isPromlineError(error)
    process.stderr.write(`promline: ${known ? error.message : (toError(error).stack ?? String(error))}\n`)
  }
}

/** The first signal stops in order; a second one at once: what is acknowledged is in the spool either way. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) {
        process.stderr.write('promline: stopped at once; what was not delivered is in the spool\n')
        process.exit(1)
      }
      stop.abort()
    })
  }
  return stop.signal
}
