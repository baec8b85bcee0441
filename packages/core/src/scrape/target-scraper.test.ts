import { describe, expect, test } from 'vitest'
import type { HttpClient } from '../http/client-options.js'
import { type Batch, staleAt, timestampAt } from '../model/batch.js'
import { encodeUtf8 } from '../model/bytes.js'
import { PromlineError } from '../model/errors.js'
import type { Consume } from '../model/flow.js'
import type { Logger } from '../model/logger.js'
import { compileRelabelConfigs } from '../relabel/relabeler.js'
import { createFakeClock } from '../testing/fake-clock.js'
import type { ScrapeConfigInput } from './scrape-config.js'
import { createTarget, discoverTargets } from './target.js'
import { TargetScraper, type TargetSettings } from './target-scraper.js'
import { validateScrapeConfig } from './validate-scrape-config.js'

/** What the target answers: a page, or the error of a request. */
type Page = string | Error

const { signal } = new AbortController()

function settingsOf(input: Partial<ScrapeConfigInput>, client: HttpClient): TargetSettings {
  const config = validateScrapeConfig({ jobName: 'j', staticConfigs: [{ targets: ['h:1'] }], scrapeIntervalMs: 10_000, ...input })
  const [discovered] = discoverTargets(config)
  const target = discovered && createTarget(discovered, config, compileRelabelConfigs(config.relabelConfigs))
  if (target === undefined) throw new Error('no target')
  return { target, config, client, relabeler: compileRelabelConfigs(config.metricRelabelConfigs), originId: 'j/h:1' }
}

/** A target with a fake client and clock; time 0 is the clock's start, and a scrape is at each second. */
function setUp(input: Partial<ScrapeConfigInput> = {}) {
  const clock = createFakeClock()
  const startMs = clock.nowMs()
  const logged: string[] = []
  const counted: string[] = []
  const log = (level: string) => (_facts: object, message: string) => void logged.push(`${level} ${message}`)
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  let page: Page = ''
  let status = 200
  const client: HttpClient = {
    async request() {
      await clock.advance(125)
      if (page instanceof Error) throw page
      return { status, headers: { 'content-type': 'text/plain' }, body: encodeUtf8(page) }
    },
    close: () => Promise.resolve(),
  }
  const instruments = {
    scrapes: (result: string) => void counted.push(result),
    skipped: (count: number) => void counted.push(`skipped ${count}`),
    droppedSamples: (reason: string, count: number) => void counted.push(`${reason} ${count}`),
  }
  const scraper = new TargetScraper(settingsOf(input, client), { clock, logger, instruments, fastPath: true, webAssembly: true })
  let seconds = 0
  const run = async (next: Page, options: { consume?: Consume; status?: number } = {}): Promise<Batch | undefined> => {
    page = next
    status = options.status ?? 200
    let taken: Batch | undefined
    const consume: Consume = (batch) => {
      taken = batch
      return Promise.resolve({ status: 'spooled' })
    }
    await scraper.scrape(startMs + 1000 * seconds++, options.consume ?? consume, signal)
    return taken
  }
  /** The rows of a scrape: `name{labels without job and instance} value @seconds`; the automatic ones apart. */
  const scrape = async (next: Page, options?: { status?: number }) => {
    const batch = await run(next, options)
    if (batch === undefined) throw new Error('no batch')
    return { samples: rowsOf(batch, startMs, false), automatic: rowsOf(batch, startMs, true), batch }
  }
  return { scraper, run, scrape, logged, counted, startMs, client }
}

function rowsOf(batch: Batch, startMs: number, automatic: boolean): string[] {
  const rows: string[] = []
  for (const columns of batch.columns) {
    if (columns.kind !== 'samples' || (columns.series.automatic === true) !== automatic) continue
    columns.values.forEach((value, i) => {
      const { __name__: name, instance, job, ...labels } = columns.series.at(i).labels.toObject()
      if (instance !== 'h:1') labels['instance'] = instance ?? ''
      if (job !== 'j') labels['job'] = job ?? ''
      const own = Object.entries(labels)
      const text = own.length === 0 ? '' : `{${own.map(([label, of]) => `${label}="${of}"`).join()}}`
      rows.push(`${name}${text} ${staleAt(columns, i) ? 'stale' : value} @${(timestampAt(columns, i) - startMs) / 1000}`)
    })
  }
  return rows
}

/** The report of a scrape: up, samples scraped, samples after relabelling, series added. */
const report = (automatic: readonly string[]) =>
  automatic
    .filter((row) => !row.startsWith('scrape_duration'))
    .map((row) => row.split(' ')[1])
    .join(' ')

describe('a scrape', () => {
  test('keeps in its origin what labels gave to its URL, which tells probes of one exporter apart, but no parameter of the job', async () => {
    const relabelConfigs = [{ targetLabel: '__param_target', replacement: 'a.example' }]
    const { scrape } = setUp({ params: { module: ['tcp'], token: ['x'] }, metricsPath: '/probe', relabelConfigs })
    expect((await scrape('a 1\n')).batch.origin.url).toBe('http://h:1/probe?target=a.example')
  })

  test('gives the samples of the page, then the automatic ones', async () => {
    const { scrape } = setUp()
    const { samples, automatic, batch } = await scrape('# TYPE a counter\n# HELP a Things.\na 1\nb{x="y"} NaN\n')
    expect(samples).toEqual(['a 1 @0', 'b{x="y"} NaN @0'])
    expect(automatic).toEqual([
      'up 1 @0',
      'scrape_duration_seconds 0.125 @0',
      'scrape_samples_scraped 2 @0',
      'scrape_samples_post_metric_relabeling 2 @0',
      'scrape_series_added 2 @0',
    ])
    expect(batch.origin).toMatchObject({ kind: 'target', id: 'j/h:1', url: 'http://h:1/metrics' })
    expect({ ...batch.origin.targetLabels?.toObject() }).toEqual({ instance: 'h:1', job: 'j' })
    expect(batch.columns[0]?.series.at(0).metadata).toEqual({ name: 'a', type: 'counter', help: 'Things.', unit: '' })
  })

  test('of an empty page is a success', async () => {
    const { samples, automatic } = await setUp().scrape('')
    expect([samples, report(automatic)]).toEqual([[], '1 0 0 0'])
  })

  test('that finds the same series gives the same lists', async () => {
    const { scrape } = setUp()
    const page = (value: number) => Array.from({ length: 3000 }, (_, i) => `m${i} ${value}\n`).join('')
    const first = await scrape(page(1))
    const second = await scrape(page(2))
    expect(first.batch.columns.length).toBeGreaterThan(3)
    expect(second.batch.columns.every(({ series }, i) => series === first.batch.columns[i]?.series)).toBe(true)
    const third = await scrape(`${page(3)}new 1\n`)
    const known = new Set(first.batch.columns.map(({ series }) => series))
    expect(third.batch.columns.filter(({ series }) => !known.has(series)).length).toBeLessThanOrEqual(2)
  })

  test('renews the series of a family whose metadata changes, without a gap', async () => {
    const { scrape } = setUp()
    await scrape('# HELP a Old.\na 1\n')
    const { samples, automatic, batch } = await scrape('# HELP a New.\na 2\n')
    expect([samples, report(automatic)]).toEqual([['a 2 @1'], '1 1 1 0'])
    expect(batch.columns[0]?.series.at(0).metadata.help).toBe('New.')
  })

  test('renames the family of a metric that rules rename', async () => {
    const { scrape } = setUp({
      metricRelabelConfigs: [{ sourceLabels: ['__name__'], regex: '(a)(.*)', targetLabel: '__name__', replacement: 'b$2' }],
    })
    const page = '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n'
    const { samples, batch } = await scrape(page)
    expect(samples).toEqual(['b_bucket{le="+Inf"} 1 @0', 'b_sum 1 @0', 'b_count 1 @0'])
    expect(batch.columns[0]?.series.at(1).metadata).toMatchObject({ name: 'b', type: 'histogram' })
    const again = await scrape(page)
    expect(again.batch.columns[0]?.series).toBe(batch.columns[0]?.series)
  })

  test('does nothing once the signal has aborted', async () => {
    const { scraper, counted } = setUp()
    await scraper.scrape(0, () => Promise.reject(new Error('called')), AbortSignal.abort())
    expect([scraper.status().health, counted]).toEqual(['unknown', []])
  })
})

describe('relabelling', () => {
  test('drops are counted as scraped, not as left', async () => {
    const { scrape, counted } = setUp({ metricRelabelConfigs: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'go_.*' }] })
    const { samples, automatic } = await scrape('go_a 1\na 1\ngo_b 1\n')
    expect([samples, report(automatic)]).toEqual([['a 1 @0'], '1 3 1 1'])
    expect(counted).toEqual(['success', 'relabel 2'])
  })

  test('conflicts rename or honour, an exposed empty label too', async () => {
    const page = 'a{job="own",x=""} 1\nb{instance=""} 1\na{job="own"} 1\n'
    expect((await setUp().scrape(page)).samples).toEqual(['a{exported_job="own"} 1 @0', 'b 1 @0'])
    const { samples } = await setUp({ honorLabels: true }).scrape(page)
    expect(samples).toEqual(['a{job="own"} 1 @0', 'b{instance=""} 1 @0'])
  })

  test('lines that differ by an empty label are told apart', async () => {
    const { samples } = await setUp({ honorLabels: true }).scrape('a 1\na{instance=""} 2\na{job=""} 3\n')
    expect(samples).toEqual(['a 1 @0', 'a{instance=""} 2 @0', 'a{job=""} 3 @0'])
  })
})

describe('timestamps and duplicates', () => {
  const at = (startMs: number, seconds: number) => startMs + seconds * 1000

  test('explicit timestamps are honoured', async () => {
    const { scrape, startMs } = setUp()
    const { samples, batch } = await scrape(`a 1\nb 2 ${at(startMs, -5)}\nc 3\n`)
    expect(samples).toEqual(['a 1 @0', 'b 2 @-5', 'c 3 @0'])
    expect(batch.columns[0]).toMatchObject({ timestampMs: Float64Array.of(startMs, at(startMs, -5), startMs) })
  })

  test('or not', async () => {
    const { scrape, startMs } = setUp({ honorTimestamps: false })
    const { samples, batch } = await scrape(`a 1 ${at(startMs, -5)}\n`)
    expect(samples).toEqual(['a 1 @0'])
    expect(batch.columns[0]).toMatchObject({ timestampMs: startMs })
  })

  test('of a duplicate the first is kept', async () => {
    const { scrape, counted, startMs } = setUp()
    const { samples, automatic } = await scrape(`a 1\na 2\nb 1 ${startMs}\nb 2 ${startMs}\nb 3 ${startMs - 1}\n`)
    expect([samples, report(automatic)]).toEqual([['a 1 @0', 'b 1 @0'], '1 5 5 2'])
    expect(counted).toEqual(['success', 'duplicate 3'])
  })

  test('series that rules make equal are duplicates', async () => {
    const { scrape } = setUp({ metricRelabelConfigs: [{ action: 'labeldrop', regex: 'x' }] })
    for (let i = 0; i < 2; i++) expect((await scrape('a{x="1"} 1\na{x="2"} 2\n')).samples).toEqual([`a 1 @${i}`])
  })

  test('several samples of a series are kept in time order', async () => {
    const { scrape, startMs } = setUp()
    const line = (value: number, seconds: number) => `a ${value} ${at(startMs, seconds)}\n`
    const { samples } = await scrape(`${line(1, -3)}b 1\n${line(2, -2)}${line(3, -1)}${line(9, -2)}`)
    expect(samples).toEqual(['a 1 @-3', 'b 1 @0', 'a 2 @-2', 'a 3 @-1'])
  })

  test('samples of a broken clock are left out', async () => {
    const { scrape, counted, startMs } = setUp()
    const { samples } = await scrape(`a 1 ${at(startMs, 600)}\nb 1 ${at(startMs, 601)}\n`)
    expect(samples).toEqual(['a 1 @600'])
    expect(counted).toEqual(['success', 'out-of-bounds 1'])
  })
})

describe('staleness', () => {
  test('a series that goes is marked once, and may come back', async () => {
    const { scrape } = setUp()
    await scrape('a 1\nb 1\n')
    expect((await scrape('a 2\n')).samples).toEqual(['a 2 @1', 'b stale @1'])
    expect((await scrape('a 3\n')).samples).toEqual(['a 3 @2'])
    const back = await scrape('b 4\n')
    expect([back.samples, report(back.automatic)]).toEqual([['b 4 @3', 'a stale @3'], '1 1 1 1'])
  })

  test('a failed scrape marks everything, once; series that come back are not new', async () => {
    const { scrape } = setUp()
    await scrape('a 1\nb 1\n')
    const failed = await scrape(new PromlineError('connect', 'http://h:1/metrics: connection refused'))
    expect([failed.samples, report(failed.automatic)]).toEqual([['a stale @1', 'b stale @1'], '0 0 0 0'])
    expect((await scrape('x', { status: 500 })).samples).toEqual([])
    const back = await scrape('a 1\nc 1\n')
    expect([back.samples, report(back.automatic)]).toEqual([['a 1 @3', 'c 1 @3'], '1 2 2 1'])
  })

  test('a page with an error is not stored in part', async () => {
    const { scrape } = setUp()
    await scrape('a 1\nb 1\n')
    const { samples, automatic } = await scrape('a 2\nnew 1\nb x\n')
    expect([samples, report(automatic)]).toEqual([['a stale @1', 'b stale @1'], '0 2 2 1'])
  })

  test('series with timestamps of their own are not marked', async () => {
    const { scrape, startMs } = setUp()
    await scrape(`a 1 ${startMs}\nb 1\n`)
    expect((await scrape('')).samples).toEqual(['b stale @1'])
  })

  test('unless track_timestamps_staleness says so', async () => {
    const { scrape, startMs } = setUp({ trackTimestampsStaleness: true })
    await scrape(`a 1 ${startMs}\nb 1\n`)
    expect((await scrape('')).samples).toEqual(['a stale @1', 'b stale @1'])
  })

  test('what was not stored is not marked, and what was stored before still is', async () => {
    const { run, scrape, scraper, counted, logged } = setUp()
    await scrape('a 1\nb 1\n')
    await run('b 2\nc 2\n', { consume: () => Promise.reject(new PromlineError('spool-full', 'the disk is full')) })
    expect(scraper.status()).toMatchObject({ health: 'up', lastError: 'scraped, but not stored: the disk is full' })
    expect((await scrape('d 3\n')).samples).toEqual(['d 3 @2', 'a stale @2', 'b stale @2'])
    expect(counted).toEqual(['success', 'not_stored', 'success'])
    expect(logged).toEqual([
      'error j/h:1: a scrape could not be stored: the disk is full',
      'info j/h:1: scrapes are stored again; 1 was not',
    ])
  })

  test('that scrapes are not stored is said once, and that they are again', async () => {
    const { run, scrape, counted, logged } = setUp()
    const full = { consume: () => Promise.reject(new PromlineError('spool-full', 'the disk is full')) } as const
    await run('a 1\n', full)
    await run('a 2\n', full)
    await run(new Error('x'), full)
    const first = 'error j/h:1: a scrape could not be stored: the disk is full'
    expect(logged).toEqual([first, 'warn j/h:1 is down: x'])
    await scrape('a 3\n')
    await scrape('a 4\n')
    expect(counted.filter((result) => result === 'not_stored')).toHaveLength(3)
    const again = 'info j/h:1: scrapes are stored again; 3 were not'
    expect(logged.slice(2)).toEqual(['info j/h:1 is up again', again])
    await run('a 5\n', full)
    await scrape('a 6\n')
    expect(logged.slice(4)).toEqual([first, 'info j/h:1: scrapes are stored again; 1 was not'])
  })

  test('a failed scrape that is not stored leaves the markers to the next', async () => {
    const { run, scrape } = setUp()
    await scrape('a 1\n')
    await run(new Error('x'), { consume: () => Promise.reject(new Error('full')) })
    expect((await scrape(new Error('x'))).samples).toEqual(['a stale @2'])
  })

  test('other rules end the series that they no longer make', async () => {
    const { scrape, scraper, client } = setUp()
    await scrape('a 1\nb 1\n')
    scraper.update(settingsOf({ metricRelabelConfigs: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'a' }] }, client))
    const { samples, automatic } = await scrape('a 2\nb 2\n')
    expect([samples, report(automatic)]).toEqual([['b 2 @1', 'a stale @1'], '1 2 1 0'])
  })

  test('the end of a target ends its series and its automatic ones', async () => {
    const { scraper, scrape, startMs } = setUp()
    const ends: string[][] = []
    const consume: Consume = (batch) => {
      ends.push([...rowsOf(batch, startMs, false), ...rowsOf(batch, startMs, true)])
      return Promise.resolve({ status: 'spooled' })
    }
    await scraper.markEnd(startMs, consume, signal)
    expect(ends).toEqual([])
    await scrape('a 1\n')
    await scraper.markEnd(startMs + 10_000, consume, signal)
    expect(ends).toEqual([
      [
        'a stale @10',
        'up stale @10',
        'scrape_duration_seconds stale @10',
        'scrape_samples_scraped stale @10',
        'scrape_samples_post_metric_relabeling stale @10',
        'scrape_series_added stale @10',
      ],
    ])
  })
})

describe('limits fail the whole scrape', () => {
  test('sample_limit, which counts the page to its end', async () => {
    const { scrape, scraper } = setUp({
      sampleLimit: 2,
      metricRelabelConfigs: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'go_.*' }],
    })
    expect((await scrape('a 1\ngo_x 1\nb 1\n')).samples).toEqual(['a 1 @0', 'b 1 @0'])
    const { samples, automatic } = await scrape('a 1\nb 1\nc 1\ngo_y 1\nd 1\n')
    expect([samples, report(automatic)]).toEqual([['a stale @1', 'b stale @1'], '0 5 4 0'])
    expect(scraper.status()).toMatchObject({ health: 'down', lastError: 'sample_limit exceeded: 4 samples after relabelling, limit 2' })
  })

  test('label limits, with the line', async () => {
    const { scrape, scraper } = setUp({ labelValueLengthLimit: 5 })
    const { samples, automatic } = await scrape('a{x="12345"} 1\nb{x="123456"} 1\nc 1\n')
    expect([samples, report(automatic)]).toEqual([[], '0 2 1 1'])
    expect(scraper.status()).toMatchObject({
      lastError: 'line 2: label_value_length_limit exceeded: the value of label "x" has 6 bytes, limit 5 (metric "b")',
      lastFailedBody: { line: 2, text: 'a{x="12345"} 1\nb{x="123456"} 1\nc 1\n' },
    })
  })

  test('a forced error is not even tried', async () => {
    const { scraper, scrape, client } = setUp()
    const forcedError = new PromlineError('limit', 'target_limit exceeded: 2 targets, limit 1')
    scraper.update({ ...settingsOf({}, client), forcedError })
    expect(report((await scrape('a 1\n')).automatic)).toBe('0 0 0 0')
    expect(scraper.status().lastError).toBe('target_limit exceeded: 2 targets, limit 1')
  })
})

describe('status', () => {
  test('says how it went, and what was wrong with the page', async () => {
    const { scraper, scrape, logged, startMs } = setUp({ params: { token: ['canary'] } })
    expect(scraper.status()).toEqual({
      jobName: 'j',
      instance: 'h:1',
      url: 'http://h:1/metrics',
      labels: { instance: 'h:1', job: 'j' },
      discoveredLabels: expect.objectContaining({ __address__: 'h:1' }),
      health: 'unknown',
      scrapeIntervalMs: 10_000,
      scrapesSkipped: 0,
    })
    await scrape('a 1\nb x\n')
    const down = scraper.status()
    expect(down).toMatchObject({ health: 'down', lastScrapeMs: startMs, lastDurationMs: 125, lastSamples: 1 })
    expect(down.lastError).toMatch(/^2:3: /)
    expect(down.lastFailedBody).toEqual({ text: 'a 1\nb x\n', line: 2, column: 3 })
    await scrape('<html>', { status: 404 })
    expect(scraper.status()).toMatchObject({
      lastError: 'server returned HTTP status 404 Not Found',
      lastFailedBody: { text: '<html>' },
    })
    await scrape('a 1\n')
    expect(scraper.status()).toMatchObject({ health: 'up', lastSamples: 1 })
    expect(scraper.status()).not.toHaveProperty('lastError')
    scraper.countSkipped(3)
    expect(scraper.status().scrapesSkipped).toBe(3)
    expect(logged).toEqual([`warn j/h:1 is down: ${down.lastError}`, 'info j/h:1 is up again'])
  })
})
