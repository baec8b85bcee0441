import { type Clock, maxTimerMs, parseGoFloat } from '@promline/core'

/** The header in which Prometheus says how long it waits for an answer, in seconds. */
export const scrapeTimeoutHeader = 'x-prometheus-scrape-timeout-seconds'

/** What an answer takes to be written and to travel: half a second, and never more than a tenth of what the client gives. */
const maxMarginMs = 500
const marginShare = 0.1

/** How long a client can be let wait, in milliseconds, so that its answer still comes in time; undefined where it says nothing of use. */
export function waitForScrapeMs(header: string): number | undefined {
  const timeoutMs = (parseGoFloat(header.trim()) ?? Number.NaN) * 1000
  if (!(timeoutMs > 0)) return undefined
  return Math.min(Math.floor(timeoutMs - Math.min(maxMarginMs, marginShare * timeoutMs)), maxTimerMs)
}

/** Instead of a result that did not come in time. */
export const late: unique symbol = Symbol('late')

/** What the work comes to, or `late` after this time; undefined is no limit. The work goes on, and may fail unheard: others wait for it. */
export async function withinMs<T>(work: Promise<T>, ms: number | undefined, clock: Clock): Promise<T | typeof late> {
  if (ms === undefined) return work
  let cancel = (): void => {}
  const timeout = new Promise<typeof late>((resolve) => {
    cancel = clock.schedule(ms, () => resolve(late))
  })
  return Promise.race([work, timeout]).finally(cancel)
}
