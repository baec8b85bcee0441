import { type Clock, encodeUtf8, systemClock } from '@promline/core'
import { createRandomAt, type Random } from '../synthetic/random.js'
import { randomWalk } from '../synthetic/sources.js'
import { createSynthetics } from '../synthetic/synthetics.js'
import type { UsdtMarket } from './market.js'
import { parseP2pSearch } from './p2p-search.js'

/** Options of `simulatedMarket`. */
export interface SimulatedMarketOptions {
  /** The same seed gives the same market. Default 1. */
  readonly seed?: number
  readonly clock?: Clock
}

/** A USDT costs about 26,000 VND in 2025; the rate moves by some VND now and then, and turns round where it has gone too far. */
const rateWalk = randomWalk({ start: 26_000, step: 5, min: 25_600, max: 26_400 })
const stepMs = 10_000

const offerCount = 10
/** One answer in ten has an offer that nobody means, as real ones do. */
const baitShare = 0.1
const baitDiscount = 0.1

/**
 * A made-up market: a random walk around 26,000 VND that goes on with the clock, and offers slightly above it, in an answer of the shape of
 * Binance's, read by the same parser. Nothing is sent anywhere.
 */
export function simulatedMarket(options: SimulatedMarketOptions = {}): UsdtMarket {
  const { seed = 1, clock = systemClock } = options
  const walk = createSynthetics({ seed, clock, stepMs, gauges: { usdt_vnd: { help: 'The best offer.', value: rateWalk } } })
  const random = createRandomAt(seed, 'offers')
  return {
    name: 'simulated',
    prices: async () => {
      walk.tick()
      return parseP2pSearch(encodeUtf8(JSON.stringify(searchAnswer(walk.value(rateWalk), random))))
    },
  }
}

/** What Binance answers to a search, as far as it is known, with invented people. */
function searchAnswer(rate: number, random: Random): object {
  const data = Array.from({ length: offerCount }, (_, i) => {
    const price = rate * (1 + (i + random()) / 10_000) // the best first, a hundredth of a percent from one to the next
    return offer(price, { number: i + 1, quantity: 50 + 2_000 * random() })
  })
  if (random() < baitShare) data[0] = offer(rate * (1 - baitDiscount), { number: 1, quantity: 10 })
  return { code: '000000', message: null, messageDetail: null, data, total: data.length, success: true }
}

function offer(price: number, { number, quantity }: { number: number; quantity: number }): object {
  return {
    adv: {
      advNo: `1200000000000000${String(number).padStart(4, '0')}`,
      classify: 'profession',
      tradeType: 'SELL',
      asset: 'USDT',
      fiatUnit: 'VND',
      price: price.toFixed(2),
      surplusAmount: quantity.toFixed(2),
      tradableQuantity: quantity.toFixed(2),
      minSingleTransAmount: '500000.00',
      maxSingleTransAmount: (price * quantity).toFixed(2),
      payTimeLimit: 15,
      assetScale: 2,
      fiatScale: 0,
      priceScale: 2,
      fiatSymbol: '₫',
      isTradable: true,
      commissionRate: '0.00000000',
      tradeMethods: [{ payType: 'BANK', identifier: 'BANK', tradeMethodName: 'Bank Transfer' }],
    },
    advertiser: { userNo: `s${number}`, nickName: `merchant-${number}`, monthOrderCount: 100, monthFinishRate: 0.99, userType: 'merchant' },
  }
}
