/** How a promise is settled. */
export interface Settlers<Result> {
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
}

/** Has `onAbort` called when a signal aborts, as long as the promise is not settled; the settlers that are returned let go of the signal. */
export function settledUnlessAborted<Result>(
  { resolve, reject }: Settlers<Result>,
  signal: AbortSignal | undefined,
  onAbort: () => void,
): Settlers<Result> {
  if (signal === undefined) return { resolve, reject }
  signal.addEventListener('abort', onAbort)
  const release = (): void => signal.removeEventListener('abort', onAbort)
  return {
    resolve: (result) => {
      release()
      resolve(result)
    },
    reject: (reason) => {
      release()
      reject(reason)
    },
  }
}
