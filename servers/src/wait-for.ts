import { setTimeout as sleep } from 'node:timers/promises'

const defaultTimeoutMs = 30_000
const pollMs = 100

/**
 * Asks again until there is an answer: what servers do in their own time. Rejects after the timeout with the last error, or with
 * what was waited for.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  options: { readonly timeoutMs?: number } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let problem: unknown
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      problem = error
    }
    if (performance.now() > deadline) throw new Error(`no ${what} within ${timeoutMs / 1_000} s`, { cause: problem })
    await sleep(pollMs)
  }
}
