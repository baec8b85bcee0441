import { describe, expect, test } from 'vitest'
import type { HttpClient, HttpRequest, HttpResponse } from '../http/client-options.js'
import { type Batch, staleAt, timestampAt } from '../model/batch.js'
import { encodeUtf8 } from '../model/bytes.js'
import { PromlineError } from '../model/errors.js'
import type { Consume } from '../model/flow.js'
import type { Instruments } from '../model/instruments.js'
import type { Logger } from '../model/logger.js'
import { createFakeClock } from '../testing/fake-clock.js'
import type { ScrapeConfig, ScrapeConfigInput } from './scrape-config.js'
import { createScrapeSource, type ScrapeSource } from './scrape-source.js'
import { validateScrapeConfig } from './validate-scrape-config.js'

const job = (input: Partial<ScrapeConfigInput> = {}): ScrapeConfig =>
  validateScrapeConfig({ jobName: 'j', scrapeIntervalMs: 10_000, staticConfigs: [{ targets: ['a:1'] }], ...input })

const targets = (...addresses: string[]) => ({ staticConfigs: [{ targets: addresses }] })

/** A running source with a fake clock and clients; what it gives is `up` of each batch, and each marker. */
async function run(configs: readonly ScrapeConfig[], options: { scrapeAtOnce?: boolean; consume?: Consume } = {}) {
  const clock = createFakeClock()
  const startMs = clock.nowMs()
  const seen: string[] = []
  const batches: Batch[] = []
  const logged: string[] = []
  const counters: Record<string, number> = {}
  let answerTo: (request: HttpRequest) => Promise<Partial<HttpResponse>> = () => Promise.resolve({})
  let open = 0
  const createClient = (): HttpClient => {
    open++
    return {
      request: async (request) => ({
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: encodeUtf8('m 1\n'),
        ...(await answerTo(request)),
      }),
      close: () => {
        open--
        return Promise.resolve()
      },
    }
  }
  const instruments: Instruments = {
    counter: (instrument) => (amount, labels) => {
      const key = `${instrument.name} ${Object.values(labels).join(' ')}`
      counters[key] = (counters[key] ?? 0) + amount
    },
    gauge: () => () => {},
    beforeCollect: () => () => {},
  }
  const log = (_facts: object, message: string) => void logged.push(message)
  const logger: Logger = { debug: log, info: log, warn: log, error: log }
  const source = createScrapeSource({
    configs,
    seed: 'test',
    scrapeAtOnce: options.scrapeAtOnce ?? true,
    clock,
    logger,
    instruments,
    createClient,
  })
  const controller = new AbortController()
  const collect: Consume = (batch, consumeOptions) => {
    batches.push(batch)
    for (const row of interesting(batch, startMs)) seen.push(row)
    return options.consume?.(batch, consumeOptions) ?? Promise.resolve({ status: 'spooled' })
  }
  const ended = source.run(collect, { signal: controller.signal })
  await clock.advance(0)
  return {
    clock,
    source,
    batches,
    logged,
    counters,
    open: () => open,
    take: () => seen.splice(0),
    answer: (next: typeof answerTo) => {
      answerTo = next
    },
    stop: () => {
      controller.abort()
      return ended
    },
  }
}

function interesting(batch: Batch, startMs: number): string[] {
  const rows: string[] = []
  for (const columns of batch.columns) {
    if (columns.kind !== 'samples') continue
    columns.values.forEach((value, i) => {
      const name = columns.series.at(i).labels.get('__name__') ?? ''
      const isStale = staleAt(columns, i)
      if (name !== 'up' && !(isStale && name === 'm')) return
      rows.push(`${batch.origin.id} ${name} ${isStale ? 'stale' : value} @${(timestampAt(columns, i) - startMs) / 1000}`)
    })
  }
  return rows
}

const refused = () => Promise.reject(new PromlineError('connect', 'http://a:1/metrics: connection refused'))

describe('running', () => {
  test('every target at its interval', async () => {
    const { clock, take, stop } = await run([
      job(targets('a:1', 'b:2')),
      job({ jobName: 'k', scrapeIntervalMs: 15_000, ...targets('c:3') }),
    ])
    await clock.advance(20_000)
    expect(take()).toEqual([
      'j/a:1 up 1 @0',
      'j/b:2 up 1 @0',
      'k/c:3 up 1 @0',
      'j/a:1 up 1 @10',
      'j/b:2 up 1 @10',
      'k/c:3 up 1 @15',
      'j/a:1 up 1 @20',
      'j/b:2 up 1 @20',
    ])
    await stop()
  })

  test('spread over the interval, the same after a restart', async () => {
    const addresses = Array.from({ length: 50 }, (_, i) => `h${i}:1`)
    const moments: string[][] = []
    for (let i = 0; i < 2; i++) {
      const { clock, take, stop } = await run([job(targets(...addresses))], { scrapeAtOnce: false })
      await clock.advance(9_999)
      moments.push(take())
      await stop()
    }
    expect(moments[0]?.length).toBe(50)
    expect(new Set(moments[0]?.map((row) => row.split('@')[1])).size).toBeGreaterThan(45)
    expect(moments[1]).toEqual(moments[0])
  })

  test('one that fails does not hold up another', async () => {
    const { clock, take, answer, source, stop, logged } = await run([job(targets('a:1', 'b:2'))])
    take()
    answer((request) => (request.url.includes('a:1') ? refused() : Promise.resolve({})))
    await clock.advance(10_000)
    expect(take()).toEqual(['j/a:1 m stale @10', 'j/a:1 up 0 @10', 'j/b:2 up 1 @10'])
    expect(source.targets().map(({ instance, health }) => `${instance} ${health}`)).toEqual(['a:1 down', 'b:2 up'])
    expect(logged).toEqual(['j/a:1 is down: http://a:1/metrics: connection refused'])
    await stop()
  })

  test('a scrape that is due while the one before runs is skipped and counted', async () => {
    const { clock, take, answer, counters, source, stop } = await run([job()])
    take()
    let release: () => void = () => {}
    answer(
      () =>
        new Promise((resolve) => {
          release = () => resolve({})
        }),
    )
    await clock.advance(35_000)
    expect(take()).toEqual([])
    release()
    await clock.advance(5_000)
    release()
    await clock.advance(0)
    expect(take()).toEqual(['j/a:1 up 1 @10', 'j/a:1 up 1 @40'])
    expect(counters).toMatchObject({ 'scrapes_skipped_total j': 2, 'scrapes_total j success': 3 })
    expect(source.targets()[0]?.scrapesSkipped).toBe(2)
    await stop()
  })

  test('so is one that is due while the batch before is not yet stored', async () => {
    let release: () => void = () => {}
    const consume: Consume = () =>
      new Promise((resolve) => {
        release = () => resolve({ status: 'spooled' })
      })
    const { clock, take, counters, stop } = await run([job()], { consume })
    await clock.advance(25_000)
    expect(take()).toEqual(['j/a:1 up 1 @0'])
    release()
    await clock.advance(5_000)
    expect(take()).toEqual(['j/a:1 up 1 @30'])
    expect(counters).toMatchObject({ 'scrapes_skipped_total j': 2, 'scrapes_total j success': 1 })
    release()
    await stop()
  })
})

describe('stopping', () => {
  test('marks nothing, ends scrapes under way without a batch, closes the clients', async () => {
    const { clock, take, answer, open, stop } = await run([job(targets('a:1', 'b:2'))])
    take()
    answer(
      (request) =>
        new Promise((_, reject) => {
          request.signal?.addEventListener('abort', () => reject(new PromlineError('unavailable', 'given up by the caller')))
        }),
    )
    await clock.advance(12_000)
    await stop()
    await clock.advance(100_000)
    expect([take(), open(), clock.timers]).toEqual([[], 0, 0])
  })

  test('waits for a batch that is being stored', async () => {
    let release: () => void = () => {}
    const consume: Consume = () =>
      new Promise((resolve) => {
        release = () => resolve({ status: 'spooled' })
      })
    const { clock, stop } = await run([job()], { consume })
    let stopped = false
    const end = stop().then(() => {
      stopped = true
    })
    await clock.advance(1000)
    expect(stopped).toBe(false)
    release()
    await end
  })
})

describe('targets', () => {
  const originsOf = async (configs: readonly ScrapeConfig[]) => {
    const { batches, stop } = await run(configs)
    await stop()
    return batches.map(({ origin }) => origin.id)
  }

  test('equal ones are one; those that share an address are told apart without their parameters', async () => {
    expect(await originsOf([job(targets('a:1', 'a:1'))])).toEqual(['j/a:1'])
    const [one, two, three] = await originsOf([
      job({
        params: { token: ['canary'] },
        metricsPath: '/probe',
        staticConfigs: [
          { targets: ['a:1'], labels: { __param_target: 'x' } },
          { targets: ['a:1'], labels: { __param_target: 'y' } },
          { targets: ['b:1'] },
        ],
      }),
    ])
    expect(one).toMatch(/^j\/a:1\/probe#[0-9a-f]{8}$/)
    expect(two).toMatch(/^j\/a:1\/probe#[0-9a-f]{8}$/)
    expect(two).not.toBe(one)
    expect(three).toBe('j/b:1')
  })

  test('too many of them all fail', async () => {
    const { take, source, stop } = await run([job({ targetLimit: 1, ...targets('a:1', 'b:2') })])
    expect(take()).toEqual(['j/a:1 up 0 @0', 'j/b:2 up 0 @0'])
    expect(source.targets()[0]?.lastError).toBe('target_limit exceeded: 2 targets, limit 1')
    await stop()
  })

  test('one that rules leave unusable is logged and left out', async () => {
    const relabelConfigs = [{ sourceLabels: ['__address__'], regex: 'a:1', targetLabel: '__address__', replacement: 'http://a' }]
    const { take, logged, stop } = await run([job({ relabelConfigs, ...targets('a:1', 'b:2') })])
    expect(take()).toEqual(['j/b:2 up 1 @0'])
    expect(logged).toEqual(['scrape config "j": a target cannot be scraped: address "http://a" is not host:port: it contains "/"'])
    await stop()
  })
})

describe('refused configurations', () => {
  const cases: [message: string, configs: ScrapeConfig[]][] = [
    ['scrape config "j" is there twice', [job(), job()]],
    [/^scrape config "j": relabel_configs: rule 1 of 1: .*/.source, [job({ relabelConfigs: [{ regex: '(', targetLabel: 'x' }] })]],
    [
      /^scrape config "j": metric_relabel_configs: rule 1 of 1: .*/.source,
      [job({ metricRelabelConfigs: [{ action: 'hashmod', targetLabel: 'x' }] })],
    ],
  ]
  test.each(cases)('%s', (message, configs) => {
    expect(() => createScrapeSource({ configs })).toThrow(new RegExp(message))
  })

  test('leave a running source as it was', async () => {
    const { clock, take, source, stop } = await run([job()])
    expect(() => source.apply([job(), job()])).toThrow('is there twice')
    await clock.advance(10_000)
    expect(take()).toEqual(['j/a:1 up 1 @0', 'j/a:1 up 1 @10'])
    await stop()
  })
})

describe('a reload', () => {
  const reload = async (change: (source: ScrapeSource) => void) => {
    const running = await run([job(targets('a:1', 'b:2'))])
    await running.clock.advance(11_000)
    running.take()
    change(running.source)
    return running
  }

  test('that changes nothing changes nothing', async () => {
    const { clock, take, open, stop } = await reload((source) => source.apply([job(targets('a:1', 'b:2'))]))
    await clock.advance(9_000)
    expect([take(), open()]).toEqual([['j/a:1 up 1 @20', 'j/b:2 up 1 @20'], 1])
    await stop()
  })

  test('marks the end of a target that went, two intervals and a bit later, at the time of the scrape that would have come', async () => {
    const { clock, take, source, stop } = await reload((scrape) => scrape.apply([job(targets('a:1'))]))
    expect(source.targets().map(({ instance }) => instance)).toEqual(['a:1'])
    await clock.advance(9_000 + 10_999)
    expect(take()).toEqual(['j/a:1 up 1 @20', 'j/a:1 up 1 @30'])
    await clock.advance(1)
    expect(take()).toEqual(['j/b:2 m stale @20', 'j/b:2 up stale @20'])
    await clock.advance(50_000)
    expect(take().filter((row) => row.startsWith('j/b'))).toEqual([])
    await stop()
  })

  test('takes a target back without a gap', async () => {
    const { clock, take, source, stop } = await reload((scrape) => scrape.apply([job(targets('a:1'))]))
    await clock.advance(15_000)
    source.apply([job(targets('a:1', 'b:2'))])
    await clock.advance(60_000)
    const rows = take().filter((row) => row.startsWith('j/b'))
    expect(rows.length).toBeGreaterThanOrEqual(5)
    expect(rows.filter((row) => row.includes('stale'))).toEqual([])
    await stop()
  })

  test('a job that went ends all its targets; it may come back', async () => {
    const { clock, take, source, stop } = await reload((scrape) => scrape.apply([]))
    expect(source.targets()).toEqual([])
    await clock.advance(15_000)
    source.apply([job(targets('a:1'))])
    await clock.advance(30_000)
    const rows = take()
    expect(rows.filter((row) => row.includes('stale'))).toEqual(['j/b:2 m stale @20', 'j/b:2 up stale @20'])
    expect(rows.filter((row) => row.startsWith('j/a')).length).toBe(3)
    await stop()
  })

  test('gives a target another path and interval, without an end of its series', async () => {
    const urls: string[] = []
    const { clock, take, answer, source, open, stop } = await run([job()])
    answer((request) => {
      urls.push(request.url)
      return Promise.resolve({})
    })
    await clock.advance(11_000)
    source.apply([job({ metricsPath: '/other', scrapeIntervalMs: 5_000, scrapeTimeoutMs: 5_000 })])
    await clock.advance(20_000)
    expect(new Set(urls)).toEqual(new Set(['http://a:1/metrics', 'http://a:1/other']))
    expect(urls.filter((url) => url.endsWith('other')).length).toBe(4)
    expect(take().filter((row) => row.includes('stale'))).toEqual([])
    expect(open()).toBe(1)
    await stop()
  })

  test('scrapes a target that came back, or whose interval changed twice, only once the batch before is stored', async () => {
    const changes: ScrapeConfig[][][] = [
      [[], [job()]],
      [[job(targets('b:2'))], [job()]],
      [[job({ scrapeIntervalMs: 5_000, scrapeTimeoutMs: 5_000 })], [job()]],
    ]
    for (const configs of changes) {
      const waiting: (() => void)[] = []
      const consume: Consume = () => new Promise((resolve) => waiting.push(() => resolve({ status: 'spooled' })))
      const { clock, take, source, stop } = await run([job()], { consume })
      for (const each of configs) {
        await clock.advance(1_000)
        source.apply(each)
      }
      await clock.advance(50_000)
      expect(take().filter((row) => row.startsWith('j/a'))).toEqual(['j/a:1 up 1 @0'])
      for (const release of waiting.splice(0)) release()
      await clock.advance(10_000)
      expect(take().filter((row) => row.startsWith('j/a'))).toHaveLength(1)
      const stopped = stop()
      for (const release of waiting) release()
      await stopped
    }
  })

  test('before the run is only another configuration', () => {
    const source = createScrapeSource({ configs: [job()] })
    source.apply([job({ jobName: 'k', ...targets('b:2') })])
    expect(source.targets().map(({ jobName, instance }) => `${jobName} ${instance}`)).toEqual(['k b:2'])
  })
})
