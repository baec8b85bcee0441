import { type Clock, isPromlineError, type Logger, PromlineError } from '@promline/core'
import { createPoller, type Poller } from '../poller/poller.js'
import type { UsdtMarket } from './market.js'
import { robustMean } from './robust-mean.js'

/** What the offers of a market come to. */
export interface UsdtRate {
  /** VND for one USDT: the mean of the offers that are no outliers. */
  readonly rate: number
  /** Offers that the rate is the mean of. */
  readonly used: number
  /** Offers that were outliers; see `robustMean`. */
  readonly trimmed: number
  /** The market's name. */
  readonly market: string
}

/** Options of `createUsdtPoller`. */
export interface UsdtPollerOptions {
  readonly market: UsdtMarket
  /** From one search to the next, in milliseconds. Default 600,000: every ten minutes. */
  readonly intervalMs?: number
  /** For one search, in milliseconds; a market may have a shorter limit of its own, as `binanceP2p` has. Default 10,000, as of pollers. */
  readonly timeoutMs?: number
  /** A rate that is older is withdrawn, in milliseconds. Default: three intervals. */
  readonly maxAgeMs?: number
  readonly logger?: Logger
  readonly clock?: Clock
  /** From 0 to 1, exclusive: spreads retries. */
  readonly random?: () => number
}

/** As often as a public search may be asked without a bad conscience. */
const defaultIntervalMs = 10 * 60_000

/** A poller of the rate; `start()` sets it going with a search at once. Throws a PromlineError (`options`) as `createPoller` does. */
export function createUsdtPoller(options: UsdtPollerOptions): Poller<UsdtRate> {
  const { market, intervalMs = defaultIntervalMs, timeoutMs, maxAgeMs, logger, clock, random } = options
  return createPoller({
    name: 'usdt_vnd',
    poll: async (call) => rateOf(await market.prices(call), market.name),
    intervalMs,
    retryIf: isPassing,
    jitter: 0, // one exporter has nobody to spread from
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    ...(logger && { logger }),
    ...(clock && { clock }),
    ...(random && { random }),
  })
}

function rateOf(prices: readonly number[], market: string): UsdtRate {
  const found = prices.every((price) => price > 0 && Number.isFinite(price)) ? robustMean(prices) : undefined
  if (found !== undefined) return { rate: found.mean, used: found.used, trimmed: found.trimmed, market }
  throw new PromlineError('contract', `market ${market}: it must give one price or more, all above 0, or reject`, { facts: { market } })
}

/** Another try may help where the network failed, and makes it worse where the market refuses. */
function isPassing(error: Error): boolean {
  if (!isPromlineError(error)) return false
  return ['connect', 'timeout', 'protocol'].includes(error.code) || (error.code === 'status' && Number(error.facts['status']) >= 500)
}
