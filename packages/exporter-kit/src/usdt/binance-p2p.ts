import { STATUS_CODES } from 'node:http'
import {
  type Clock,
  createHttpClient,
  encodeUtf8,
  type HttpClientOptions,
  type HttpResponse,
  isPromlineError,
  maxTimerMs,
  PromlineError,
  retryAfterMs,
  systemClock,
  userAgent as ownUserAgent,
} from '@promline/core'
import { parseHttpUrl } from '../http-url.js'
import type { UsdtMarket } from './market.js'
import { parseP2pSearch } from './p2p-search.js'

/** Options of `binanceP2p`. */
export interface BinanceP2pOptions {
  /** Default: Binance's own. */
  readonly url?: string
  /** TLS, headers and the like. Redirects are never followed. */
  readonly http?: Omit<HttpClientOptions, 'followRedirects'>
  /** Which offers: of those from whom one buys USDT, or to whom one sells. Default `BUY`. */
  readonly tradeType?: 'BUY' | 'SELL'
  /** How many of the best offers, 1 to 20. Default 10. */
  readonly rows?: number
  /** Default: promline's. */
  readonly userAgent?: string
  /** A request is given up after this, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
  readonly clock?: Clock
}

const searchUrl = 'https://p2p.binance.com/bapi/c2c/v2/friendly/c2c/adv/search'
const defaultTimeoutMs = 10_000
/** 20 offers, the most that can be asked for, are some 40 KB. */
const maxBodyBytes = 1 << 20
/** Too many requests; addresses that are banned for not having stopped; countries that are not served. */
const refusingStatuses: ReadonlySet<number> = new Set([403, 418, 429, 451])
/** Where Binance does not say for how long: its shortest bans are of minutes. */
const defaultPauseMs = 5 * 60_000

/**
 * Binance's P2P search, which needs no account and is not documented. Where Binance refuses, by a status or by a code, it is not asked again
 * before the time that it names, or five minutes: calls until then reject at once. Throws a PromlineError (`options`) for an option that is
 * out of range.
 *
 * `prices` rejects with a PromlineError: `unavailable` where Binance refuses or has no offers, `decode` for an answer in a shape that is not
 * known, `status` for another answer than a success, `limit` for one of 1 MiB, and what the connection fails with.
 */
export function binanceP2p(options: BinanceP2pOptions = {}): UsdtMarket {
  const { url = searchUrl, tradeType = 'BUY', rows = 10, timeoutMs = defaultTimeoutMs } = options
  const { clock = systemClock, userAgent = ownUserAgent } = options
  assertOptions({ url, tradeType, rows, timeoutMs })
  const client = createHttpClient({ ...options.http, followRedirects: false, userAgent })
  const body = encodeUtf8(JSON.stringify(searchFor(tradeType, rows)))
  const request = { method: 'POST', url, headers: { 'content-type': 'application/json' }, body, timeoutMs, maxBodyBytes } as const
  let pausedUntilMs = Number.NEGATIVE_INFINITY
  return {
    name: 'Binance P2P',
    async prices({ signal }) {
      const pauseMs = pausedUntilMs - clock.monotonicMs()
      if (pauseMs > 0) throw refusal(`refused, and is not asked again for ${Math.ceil(pauseMs / 1000)} s`)
      const response = await client.request({ ...request, signal })
      try {
        return readPrices(response)
      } catch (error) {
        const askedMs = retryAfterMs(response.headers['retry-after'], clock.nowMs())
        if (isRefusal(error)) pausedUntilMs = clock.monotonicMs() + (askedMs ?? defaultPauseMs)
        throw error
      }
    },
    close: () => client.close(),
  }
}

function assertOptions({
  url,
  tradeType,
  rows,
  timeoutMs,
}: Required<Pick<BinanceP2pOptions, 'url' | 'tradeType' | 'rows' | 'timeoutMs'>>): void {
  const refuse = (option: string, problem: string): PromlineError =>
    new PromlineError('options', `Binance P2P: ${option} must be ${problem}`, { facts: { option } })
  if (parseHttpUrl(url) === undefined) throw refuse('url', 'an absolute http or https URL')
  if (!['BUY', 'SELL'].includes(tradeType)) throw refuse('tradeType', `BUY or SELL, not ${JSON.stringify(tradeType)}`)
  if (!Number.isInteger(rows) || rows < 1 || rows > 20) throw refuse('rows', `a whole number, 1 to 20, not ${rows}`)
  if (!(timeoutMs >= 1 && timeoutMs <= maxTimerMs)) throw refuse('timeoutMs', `from 1 to ${maxTimerMs}, not ${timeoutMs}`)
}

function readPrices({ status, body }: HttpResponse): number[] {
  if (status === 200) return parseP2pSearch(body)
  const answer = `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  if (refusingStatuses.has(status)) throw refusal(`refuses, because it was asked too often or from where it must not be: ${answer}`, status)
  throw new PromlineError('status', `Binance P2P: ${answer}`, { facts: { status } })
}

function refusal(message: string, status?: number): PromlineError {
  return new PromlineError('unavailable', `Binance P2P: ${message}`, { facts: status === undefined ? {} : { status } })
}

/** Whether Binance itself refused, by a status or by a code; a lack of offers is no refusal. */
function isRefusal(error: unknown): boolean {
  return isPromlineError(error, 'unavailable') && ('status' in error.facts || 'code' in error.facts)
}

/** The query as the site itself makes it. */
function searchFor(tradeType: 'BUY' | 'SELL', rows: number): object {
  return {
    asset: 'USDT',
    fiat: 'VND',
    tradeType,
    page: 1,
    rows,
    payTypes: [],
    countries: [],
    publisherType: null,
    proMerchantAds: false,
    shieldMerchantAds: false,
    filterType: 'all',
    periods: [],
    additionalKycVerifyFilter: 0,
    classifies: ['mass', 'profession', 'fiat_trade'],
  }
}
