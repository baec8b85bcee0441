/** What the promise comes to, unless the signal aborts before: then rejects with the error, and what the promise does is ignored. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, error: () => unknown = () => signal.reason): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(error())
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
