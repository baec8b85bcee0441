import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createHttpClient, type Credential, isPromlineError, type Logger, PromlineError, Secret } from '@promline/core'
import { createFakeClock } from '@promline/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import type { UsdtMarket } from './market.js'
import { createUsdtExporter, type UsdtExporter, type UsdtExporterOptions } from './usdt-exporter.js'

const exporters: UsdtExporter[] = []
afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.close()
})

const startMs = 1_700_000_000_000

async function start(options: Partial<UsdtExporterOptions> = {}): Promise<UsdtExporter> {
  const exporter = await createUsdtExporter({ listen: '127.0.0.1:0', clock: createFakeClock({ nowMs: startMs }), ...options })
  exporters.push(exporter)
  return exporter
}

/** A market whose prices the test sets; an error is thrown. */
function fixedMarket(
  prices: readonly number[] | Error,
): UsdtMarket & { answer: readonly number[] | Error; searches: number; closed: number } {
  return {
    name: 'fixed',
    answer: prices,
    searches: 0,
    closed: 0,
    async prices() {
      this.searches++
      if (this.answer instanceof Error) throw this.answer
      return this.answer
    },
    async close() {
      this.closed++
    },
  }
}

async function ask(exporter: UsdtExporter, path: string, method = 'GET'): Promise<[status: number, body: string]> {
  const response = await fetch(`${exporter.url}${path}`, { method })
  return [response.status, await response.text()]
}

/** The samples of the rate, without those of the poller. */
async function samples(exporter: UsdtExporter): Promise<string[]> {
  const [status, page] = await ask(exporter, '/metrics')
  expect(status).toBe(200)
  return page.split('\n').filter((line) => line.startsWith('usdt_'))
}

const refused = new PromlineError('unavailable', 'Binance P2P: refused with code "1"')

describe('the exporter', () => {
  test('searches at once, and shows the mean of the offers without outliers', async () => {
    const clock = createFakeClock({ nowMs: startMs })
    const exporter = await start({ clock, market: fixedMarket([26_000, 26_010, 25_990, 13_000]) })
    await clock.advance(0)
    expect(await samples(exporter)).toEqual([
      'usdt_vnd_rate 26000',
      'usdt_vnd_last_update 1.7e+09',
      'usdt_vnd_fetch_errors_total 0',
      'usdt_vnd_offers_used 3',
      'usdt_vnd_offers_trimmed 1',
    ])
    const [status, body] = await ask(exporter, '/')
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { pair: 'USDT/VND', rate: 26_000, lastUpdate: 1_700_000_000, offers: { used: 3, trimmed: 1 }, market: 'fixed' },
    ])
    expect(await ask(exporter, '/-/ready')).toEqual([200, 'The exporter is ready.\n'])
  })

  test('has types, help and the metrics of its poller', async () => {
    const clock = createFakeClock()
    const exporter = await start({ clock, market: fixedMarket([26_000]) })
    await clock.advance(0)
    const [, page] = await ask(exporter, '/metrics')
    expect(page).toContain(
      '# HELP usdt_vnd_rate VND for one USDT; absent while there is none that is recent.\n# TYPE usdt_vnd_rate gauge\n',
    )
    expect(page).toContain('# TYPE usdt_vnd_last_update gauge\n')
    expect(page).toContain('# TYPE usdt_vnd_fetch_errors_total counter\n')
    expect(page).toContain('\npoller_polls_total{poller="usdt_vnd"} 1\n')
  })

  test('searches every ten minutes', async () => {
    const clock = createFakeClock()
    const market = fixedMarket([26_000])
    await start({ clock, market })
    await clock.advance(599_999)
    expect(market.searches).toBe(1)
    await clock.advance(1)
    expect(market.searches).toBe(2)
  })

  test('withdraws a rate that is too old, and says why; the time of the last one stays', async () => {
    const clock = createFakeClock({ nowMs: startMs })
    const market = fixedMarket([26_000])
    const exporter = await start({ clock, market })
    await clock.advance(0)
    market.answer = refused
    await clock.advance(1_800_000)
    expect((await samples(exporter))[0]).toBe('usdt_vnd_rate 26000')
    await clock.advance(1)
    expect(await samples(exporter)).toEqual(['usdt_vnd_last_update 1.7e+09', 'usdt_vnd_fetch_errors_total 3'])
    const error = 'the last rate is too old: Binance P2P: refused with code "1"'
    expect(await ask(exporter, '/')).toEqual([503, `{"pair":"USDT/VND","error":${JSON.stringify(error)}}\n`])
    expect(await ask(exporter, '/-/ready')).toEqual([503, `The exporter is not ready: ${error}.\n`])
    market.answer = [25_000]
    await exporter.poller.pollNow()
    expect((await samples(exporter))[0]).toBe('usdt_vnd_rate 25000')
  })

  test('is healthy before there is a rate and without one, and says so', async () => {
    const clock = createFakeClock({ nowMs: startMs })
    const market = fixedMarket(refused)
    const exporter = await start({ clock, market })
    const health = async (): Promise<unknown> => {
      const [status, body] = await ask(exporter, '/health')
      return { status, body: JSON.parse(body) }
    }
    expect(await ask(exporter, '/')).toEqual([503, '{"pair":"USDT/VND","error":"there is no rate yet"}\n'])
    expect(await health()).toEqual({ status: 200, body: { status: 'healthy', hasRate: false, lastUpdate: null, consecutiveErrors: 0 } })
    await clock.advance(0)
    expect(await health()).toEqual({ status: 200, body: { status: 'healthy', hasRate: false, lastUpdate: null, consecutiveErrors: 1 } })
    expect(await samples(exporter)).toEqual(['usdt_vnd_fetch_errors_total 1'])
    market.answer = [26_000]
    await exporter.poller.pollNow()
    expect(await health()).toEqual({
      status: 200,
      body: { status: 'healthy', hasRate: true, lastUpdate: 1_700_000_000, consecutiveErrors: 0 },
    })
  })

  test.each<[string, Error, number, string]>([
    ['refuses', refused, 1, 'unavailable'],
    ['has changed', new PromlineError('decode', 'x'), 1, 'decode'],
    ['is not reached', new PromlineError('connect', 'x'), 3, 'connect'],
    ['fails', new PromlineError('status', 'x', { facts: { status: 502 } }), 3, 'status'],
    ['does not know the path', new PromlineError('status', 'x', { facts: { status: 404 } }), 1, 'status'],
    ['throws whatever', new Error('password'), 1, 'other'],
  ])('is asked again soon only where that may help: a market that %s', async (_name, error, searches, reason) => {
    const clock = createFakeClock()
    const market = fixedMarket(error)
    const exporter = await start({ clock, market })
    await clock.advance(60_000)
    expect(market.searches).toBe(searches)
    const [, page] = await ask(exporter, '/metrics')
    expect(page).toContain(`\npoller_errors_total{poller="usdt_vnd",reason="${reason}"} 1\n`)
    expect(page).toContain('\nusdt_vnd_fetch_errors_total 1\n')
  })

  test('gives a search the time that it is given', async () => {
    const clock = createFakeClock()
    const signals: AbortSignal[] = []
    const stuck: UsdtMarket = {
      name: 'stuck',
      prices: ({ signal }) => {
        signals.push(signal)
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    }
    await start({ clock, market: stuck, timeoutMs: 30_000 })
    await clock.advance(29_999)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await clock.advance(1)
    expect(signals[0]?.aborted).toBe(true)
  })

  test('tells the log what a market throws, and the client only what is promline’s', async () => {
    const clock = createFakeClock()
    const warnings: string[] = []
    const logger: Logger = { debug() {}, info() {}, warn: (_facts, message) => warnings.push(message), error() {} }
    const exporter = await start({ clock, logger, market: fixedMarket(new Error('password')) })
    await clock.advance(0)
    expect(warnings).toEqual(['Poller usdt_vnd has no answer: password'])
    expect((await ask(exporter, '/'))[1]).toContain('"there is no rate yet: the log of the exporter says why"')
  })

  test.each([[[]], [[26_000, Number.NaN]], [[0]], [[-1]], [[Number.POSITIVE_INFINITY]]])(
    'holds a market to its contract: %j',
    async (prices) => {
      const clock = createFakeClock()
      const exporter = await start({ clock, market: fixedMarket(prices) })
      await clock.advance(0)
      const { lastError } = exporter.poller.status
      expect(isPromlineError(lastError, 'contract') && lastError.message).toBe(
        'market fixed: it must give one price or more, all above 0, or reject',
      )
    },
  )

  test('is a simulated market by default, and says so', async () => {
    const clock = createFakeClock()
    const exporter = await start({ clock })
    await clock.advance(0)
    const answer = JSON.parse((await ask(exporter, '/'))[1])
    expect(answer).toMatchObject({ market: 'simulated' })
    expect(answer.rate).toBeGreaterThan(25_500)
    expect(answer.rate).toBeLessThan(26_500)
  })

  test.each([
    ['/nothing', 'GET', 404],
    ['/', 'POST', 405],
    ['/health', 'PUT', 405],
    ['/health', 'HEAD', 200],
    ['/health?x', 'GET', 200],
    ['/-/healthy', 'GET', 200],
  ])('%s %s is %d', async (path, method, status) => {
    expect((await ask(await start(), path, method))[0]).toBe(status)
  })

  test('closes its market with itself, and leaves it alone where it cannot listen', async () => {
    const market = fixedMarket([1])
    const exporter = await createUsdtExporter({ listen: '127.0.0.1:0', market })
    const taken = createUsdtExporter({ listen: exporter.url.replace('http://', ''), market })
    await expect(taken).rejects.toMatchObject({ code: 'address', message: expect.stringMatching(/^USDT exporter: cannot listen on /) })
    expect(market.closed).toBe(0)
    await exporter.close()
    expect(market.closed).toBe(1)
    await expect(fetch(exporter.url)).rejects.toThrow()
  })
})

describe('TLS and logins, as of createExporter', () => {
  const testdata = fileURLToPath(new URL('../../../core/src/http/testdata/', import.meta.url))
  const tls = { certFile: join(testdata, 'server.pem'), keyFile: join(testdata, 'server.key') }
  const credentials: readonly Credential[] = [{ kind: 'basic', username: 'bob', password: new Secret('secret') }]

  /** What is answered to a client that trusts the server's certificate. */
  async function statusOf({ url }: UsdtExporter, path: string, login?: string): Promise<number> {
    const basicAuth = login === undefined ? {} : { basicAuth: { username: login, password: { value: new Secret('secret') } } }
    const client = createHttpClient({ userAgent: 'test', tls: { caFile: join(testdata, 'ca.pem') }, ...basicAuth })
    try {
      return (await client.request({ method: 'GET', url: `${url}${path}`, timeoutMs: 10_000, maxBodyBytes: 4_096 })).status
    } finally {
      await client.close()
    }
  }

  test.each(['/health', '/metrics', '/'])('a login is asked for at %s', async (path) => {
    const exporter = await start({ credentials, market: fixedMarket([26_000]) })
    expect(await statusOf(exporter, path)).toBe(401)
    expect(await statusOf(exporter, path, 'alice')).toBe(401)
    await exporter.poller.pollNow()
    expect(await statusOf(exporter, path, 'bob')).toBe(200)
  })

  test('TLS is spoken', async () => {
    const exporter = await start({ tls })
    expect(exporter.url).toMatch(/^https:/)
    expect(await statusOf(exporter, '/health')).toBe(200)
  })

  test('a web.config file does for both', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promline-usdt-'))
    const webConfigFile = join(folder, 'web.yml')
    // Of "secret".
    const users = 'basic_auth_users: { bob: $2b$04$gBn8/9BBO9qS.pl1MF2ZGuvqvNeGHqNcfgcmP.wPWt.MatfXeBYly }\n'
    const certificate = `tls_server_config: { cert_file: ${tls.certFile}, key_file: ${tls.keyFile} }\n`
    await writeFile(webConfigFile, users + certificate)
    const exporter = await start({ webConfigFile })
    expect(await statusOf(exporter, '/health')).toBe(401)
    expect(await statusOf(exporter, '/health', 'bob')).toBe(200)
    await rm(folder, { recursive: true })
  })

  test.each<Partial<UsdtExporterOptions>>([{ tls }, { credentials }])('a web.config file excludes %j', async (options) => {
    await expect(start({ webConfigFile: 'web.yml', ...options })).rejects.toMatchObject({
      code: 'options',
      message: 'USDT exporter: webConfigFile excludes tls and credentials: the file has both',
    })
  })
})
