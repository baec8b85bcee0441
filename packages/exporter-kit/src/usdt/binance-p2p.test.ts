import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createFakeClock } from '@promline/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type BinanceP2pOptions, binanceP2p } from './binance-p2p.js'
import type { UsdtMarket } from './market.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A server in the place of Binance, and a market that asks it. Nothing is ever sent to the real one. */
async function startMarket(handler: RequestListener, options: BinanceP2pOptions = {}): Promise<UsdtMarket> {
  const server = createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  const market = binanceP2p({ url: `http://127.0.0.1:${address.port}/search?x=secret`, ...options })
  cleanups.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
    () => market.close?.(),
  )
  return market
}

const signal = new AbortController().signal
const search = {
  code: '000000',
  message: null,
  messageDetail: null,
  data: [{ adv: { asset: 'USDT', fiatUnit: 'VND', price: '26010.5' }, advertiser: { nickName: 'x' } }],
  total: 1,
  success: true,
}

describe('binanceP2p()', () => {
  test('asks for the best offers of those from whom one buys', async () => {
    let asked = ''
    const market = await startMarket((request, response) => {
      const { method, url, headers } = request
      expect([method, url, headers['content-type'], headers['user-agent']]).toEqual([
        'POST',
        '/search?x=secret',
        'application/json',
        expect.stringMatching(/^promline\//),
      ])
      request.setEncoding('utf8').on('data', (text: string) => (asked += text))
      request.on('end', () => response.end(JSON.stringify(search)))
    })
    expect(await market.prices({ signal })).toEqual([26_010.5])
    expect(JSON.parse(asked)).toEqual({
      asset: 'USDT',
      fiat: 'VND',
      tradeType: 'BUY',
      page: 1,
      rows: 10,
      payTypes: [],
      countries: [],
      publisherType: null,
      proMerchantAds: false,
      shieldMerchantAds: false,
      filterType: 'all',
      periods: [],
      additionalKycVerifyFilter: 0,
      classifies: ['mass', 'profession', 'fiat_trade'],
    })
  })

  test('asks for what the options say', async () => {
    let asked = ''
    const options = { tradeType: 'SELL', rows: 20, userAgent: 'test/1', http: { headers: { 'x-extra': '1' } } } as const
    const market = await startMarket((request, response) => {
      expect([request.headers['user-agent'], request.headers['x-extra']]).toEqual(['test/1', '1'])
      request.setEncoding('utf8').on('data', (text: string) => (asked += text))
      request.on('end', () => response.end(JSON.stringify(search)))
    }, options)
    await market.prices({ signal })
    expect(JSON.parse(asked)).toMatchObject({ tradeType: 'SELL', rows: 20 })
  })

  test.each<[string, RequestListener, string, RegExp]>([
    [
      'a refusal in JSON',
      (_, response) => response.end('{"success":false,"code":"100001"}'),
      'unavailable',
      /^Binance P2P: refused with code "100001"$/,
    ],
    ['a page', (_, response) => response.end('<html>'), 'decode', /^Binance P2P: a page of HTML came instead of JSON: "<html>"$/],
    ['another status', (_, response) => response.writeHead(500).end(), 'status', /^Binance P2P: 500 Internal Server Error$/],
    ['no content', (_, response) => response.writeHead(204).end(), 'status', /^Binance P2P: 204 No Content$/],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/' }).end(), 'status', /^Binance P2P: 302 Found$/],
    [
      'a huge answer',
      (_, response) => response.end(Buffer.alloc(2 << 20, 32)),
      'limit',
      /^http:\/\/127\.0\.0\.1:\d+\/search: the body reaches the limit of 1048576 bytes$/,
    ],
    ['a connection that ends', (request) => request.socket.destroy(), 'connect', /^http:\/\/127\.0\.0\.1:\d+\/search: /],
  ])('rejects for %s', async (_name, handler, code, message) => {
    const market = await startMarket(handler)
    await expect(market.prices({ signal })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('rejects where there is no answer in time', async () => {
    const market = await startMarket(() => {}, { timeoutMs: 20 })
    await expect(market.prices({ signal })).rejects.toMatchObject({ code: 'timeout' })
  })

  test('rejects where the caller gives up', async () => {
    const controller = new AbortController()
    const market = await startMarket(() => controller.abort())
    await expect(market.prices({ signal: controller.signal })).rejects.toMatchObject({ code: 'unavailable' })
  })

  const asked = 'refuses, because it was asked too often or from where it must not be'
  test.each<[number, string, string | undefined, string, number]>([
    [429, '', '40', `${asked}: 429 Too Many Requests`, 40],
    [418, '', undefined, `${asked}: 418 I'm a Teapot`, 300],
    [403, '<html>', '100000', `${asked}: 403 Forbidden`, 300],
    [
      451,
      '{"code":0,"msg":"Service unavailable from a restricted location"}',
      undefined,
      `${asked}: 451 Unavailable For Legal Reasons`,
      300,
    ],
    [200, '{"success":false,"code":"100001"}', undefined, 'refused with code "100001"', 300],
  ])('is not asked again for a time after %d %s', async (status, body, retryAfter, message, pauseSeconds) => {
    let requests = 0
    const clock = createFakeClock()
    const market = await startMarket(
      (_, response) => {
        if (++requests > 1) response.end(JSON.stringify(search))
        else response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end(body)
      },
      { clock },
    )
    await expect(market.prices({ signal })).rejects.toMatchObject({ code: 'unavailable', message: `Binance P2P: ${message}` })
    await clock.advance(pauseSeconds * 1000 - 500)
    await expect(market.prices({ signal })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Binance P2P: refused, and is not asked again for 1 s',
    })
    expect(requests).toBe(1)
    await clock.advance(500)
    expect(await market.prices({ signal })).toEqual([26_010.5])
  })

  test.each(['{"code":"000000","success":true,"data":[]}', '<html>', '{'])(
    'is asked again at once after what is no refusal: %s',
    async (body) => {
      let requests = 0
      const market = await startMarket((_, response) => response.end(++requests > 1 ? JSON.stringify(search) : body))
      await expect(market.prices({ signal })).rejects.toThrow()
      expect(await market.prices({ signal })).toEqual([26_010.5])
    },
  )

  test.each<[BinanceP2pOptions, string]>([
    ...[0, 21, 1.5, Number.NaN].map((rows): [BinanceP2pOptions, string] => [
      { rows },
      `Binance P2P: rows must be a whole number, 1 to 20, not ${rows}`,
    ]),
    [{ tradeType: JSON.parse('"buy"') }, 'Binance P2P: tradeType must be BUY or SELL, not "buy"'],
    [{ timeoutMs: 0 }, 'Binance P2P: timeoutMs must be from 1 to 2147483647, not 0'],
    [{ timeoutMs: Number.NaN }, 'Binance P2P: timeoutMs must be from 1 to 2147483647, not NaN'],
    [{ timeoutMs: 1e12 }, 'Binance P2P: timeoutMs must be from 1 to 2147483647, not 1000000000000'],
    [{ url: 'p2p.binance.com' }, 'Binance P2P: url must be an absolute http or https URL'],
    [{ url: 'ftp://user:secret@h' }, 'Binance P2P: url must be an absolute http or https URL'],
  ])('refuses %j', (options, message) => {
    expect(() => binanceP2p(options)).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})
