import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { type Batch, samplesOf, userAgent } from '@promline/core'
import { createRemoteWriteHandler, snappyCodec } from '@promline/remote-write'
import { afterEach, describe, expect, test } from 'vitest'
import { writeHeaders } from '../e2e/remote-write.js'
import { bitsOf, nanBits, type RawSample, staleBits, writeRawSamples } from './raw-write-request.js'
import { runSender, type SenderRun } from './sender-run.js'

/*
 * What the compliance suites of Prometheus (github.com/prometheus/compliance, remote write 1.0) ask of senders and receivers, in our words.
 */

function label(sample: RawSample, name: string): string | undefined {
  return sample.labels.find(([one]) => one === name)?.[1]
}

/** A sample in one word: `name{label="value"}` without the target's own labels. */
function seriesOf(sample: RawSample): string {
  const own = sample.labels.filter(([name]) => name !== '__name__' && name !== 'job' && name !== 'instance')
  return `${label(sample, '__name__')}{${own.map(([name, value]) => `${name}="${value}"`).join(',')}}`
}

/** The samples of a metric, and of those that begin with its name. */
function named(run: SenderRun, name: string): RawSample[] {
  return run.samples.filter((sample) => label(sample, '__name__')?.startsWith(name))
}

const twice = (name: string) => (run: SenderRun) => named(run, name).length >= 2
const automatic = new Set([
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
])

describe('a sender of remote write 1.0', () => {
  const values: readonly [page: string, series: string, bits: bigint][] = [
    ['# TYPE c_total counter\nc_total 42\n', 'c_total{}', bitsOf(42)],
    ['# TYPE g gauge\ng -1.5\n', 'g{}', bitsOf(-1.5)],
    ['g{b="2",a="1"} 1\n', 'g{a="1",b="2"}', bitsOf(1)],
    ['g{a=""} 1\n', 'g{}', bitsOf(1)],
    ['g{a="\u{1f680}\\n\\"\\\\"} 1\n', 'g{a="\u{1f680}\n"\\"}', bitsOf(1)],
    [`g{a="${'x'.repeat(10_000)}"} 1\n`, `g{a="${'x'.repeat(10_000)}"}`, bitsOf(1)],
    ['a:b:c 1\n', 'a:b:c{}', bitsOf(1)],
    ['g{job="original",instance="foo"} 1\n', 'g{exported_instance="foo",exported_job="original"}', bitsOf(1)],
    ['g NaN\n', 'g{}', nanBits],
    ['g +Inf\n', 'g{}', bitsOf(Number.POSITIVE_INFINITY)],
    ['g -Inf\n', 'g{}', bitsOf(Number.NEGATIVE_INFINITY)],
    ['g 0\n', 'g{}', 0n],
    ['g -0\n', 'g{}', bitsOf(-0)],
    ['g 5e-324\n', 'g{}', 1n],
    ['g 1.7976931348623157e308\n', 'g{}', bitsOf(Number.MAX_VALUE)],
    ['g 0.1\n', 'g{}', bitsOf(0.1)],
  ]
  test.each(values)('sends %j', async (page, series, bits) => {
    const name = series.slice(0, series.indexOf('{'))
    const run = await runSender({ page: () => page, until: twice(name) })
    expect(new Set(named(run, name).map(seriesOf))).toEqual(new Set([series]))
    expect(new Set(named(run, name).map((sample) => sample.bits))).toEqual(new Set([bits]))
    for (const { labels } of run.samples) {
      const names = labels.map(([one]) => one)
      expect(names).toEqual([...new Set(names)].sort())
      expect(labels.every(([, value]) => value !== '')).toBe(true)
    }
  })

  const families: readonly [type: string, page: string, expected: readonly string[]][] = [
    [
      'histogram',
      'h_bucket{le="1"} 1\nh_bucket{le="2"} 2\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n',
      ['h_bucket{le="1.0"} 1', 'h_bucket{le="2.0"} 2', 'h_bucket{le="+Inf"} 2', 'h_sum{} 3', 'h_count{} 2'],
    ],
    [
      'summary',
      'h{quantile="0.5"} 2\nh{quantile="0.99"} 3\nh_sum 6\nh_count 3\n',
      ['h{quantile="0.5"} 2', 'h{quantile="0.99"} 3', 'h_sum{} 6', 'h_count{} 3'],
    ],
  ]
  test.each(families)('sends a %s as its series', async (type, page, expected) => {
    const run = await runSender({ page: () => `# HELP h Help.\n# TYPE h ${type}\n${page}`, until: twice('h') })
    const found = named(run, 'h').map(
      (sample) => `${seriesOf(sample)} ${Number(new Float64Array(BigUint64Array.of(sample.bits).buffer)[0])}`,
    )
    expect(found.slice(0, expected.length).sort()).toEqual([...expected].sort())
    expect(new Set(found)).toEqual(new Set(expected))
  })

  test('names job and instance on every sample, and says that the target is up', async () => {
    const run = await runSender({ page: () => 'g 42\n', until: twice('g') })
    for (const sample of run.samples) expect([label(sample, 'job'), label(sample, 'instance')]).toEqual(['test', run.target])
    expect(new Set(named(run, 'up').map(({ bits }) => bits))).toEqual(new Set([bitsOf(1)]))
  })

  const invalid: readonly [what: string, page: string | undefined][] = [
    ['a page that is none', '\n# this is not valid prometheus\n1234notvali}{ 444\n'],
    ['a label that comes twice', '# TYPE g gauge\ng{a="1",a="1"} 1\n'],
    ['a series without a name', '{label="value"} 1\n'],
    ['an answer of 500', undefined],
  ]
  test.each(invalid)('says that the target is down, and nothing else, after %s', async (_what, page) => {
    const run = await runSender({ page: () => page, until: twice('up') })
    expect(new Set(named(run, 'up').map(({ bits }) => bits))).toEqual(new Set([0n]))
    expect(run.samples.filter((sample) => !automatic.has(label(sample, '__name__') ?? ''))).toEqual([])
  })

  test('keeps the labels of the page where honor_labels says so', async () => {
    const page = (): string => 'g{job="original"} 1\n'
    const run = await runSender({ page, scrapeConfig: 'honor_labels: true', until: twice('g') })
    expect(new Set(named(run, 'g').map((sample) => label(sample, 'job')))).toEqual(new Set(['original']))
    expect(new Set(named(run, 'g').map(seriesOf))).toEqual(new Set(['g{}']))
  })

  test('gives samples the time of their scrape, which never goes back', async () => {
    const startMs = Date.now()
    const run = await runSender({ page: () => 'g 42\n', until: (one) => named(one, 'g').length >= 5 })
    const times = run.samples.map(({ timestampMs }) => timestampMs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(startMs)
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now())
  })

  test('gives samples the time that the page says', async () => {
    const timestampMs = Date.now() - 1000
    const run = await runSender({ page: () => `g 1 ${timestampMs}\n`, until: twice('up') })
    expect(new Set(named(run, 'g').map((sample) => sample.timestampMs))).toEqual(new Set([timestampMs]))
  })

  test('ignores that time where honor_timestamps says so', async () => {
    const page = (): string => `g 1 ${Date.now() - 60_000}\n`
    const run = await runSender({ page, scrapeConfig: 'honor_timestamps: false', until: twice('g') })
    const scraped = new Set(named(run, 'up').map(({ timestampMs }) => timestampMs))
    expect(named(run, 'g').filter(({ timestampMs }) => !scraped.has(timestampMs))).toEqual([])
  })

  const gone: readonly [what: string, later: string | undefined, up: bigint][] = [
    ['is gone from the page', 'other 1\n', bitsOf(1)],
    ['cannot be scraped', undefined, 0n],
  ]
  test.each(gone)('marks a series that %s as stale, once and at the time of that scrape', async (_what, later, up) => {
    const run = await runSender({
      page: (scrape) => (scrape === 0 ? 'g 1\n' : later),
      until: (one) => named(one, 'up').length >= 4,
    })
    expect(named(run, 'g').map(({ bits }) => bits)).toEqual([bitsOf(1), staleBits])
    const second = named(run, 'up')[1]!
    expect([second.bits, named(run, 'g')[1]!.timestampMs]).toEqual([up, second.timestampMs])
  })

  test('sends POST with the headers of 1.0', async () => {
    const { requests } = await runSender({ page: () => 'g 1\n', until: twice('g') })
    for (const { method, headers, body } of requests) {
      expect(method).toBe('POST')
      expect(headers).toMatchObject({
        ...writeHeaders,
        'user-agent': userAgent,
        'content-length': String(body.length),
      })
      expect(headers['retry-attempt']).toBeUndefined()
    }
  })

  test('sends every sample once and in order to a receiver that is slow', async () => {
    const page = Array.from({ length: 300 }, (_, i) => `g{i="${i}"} 1\n`).join('')
    const delays = [300, 10, 500, 0, 200, 50]
    const run = await runSender({
      page: () => page,
      answer: (request) => ({ status: 204, delayMs: delays[request % delays.length]! }),
      until: (one) => named(one, 'g').length >= 1500,
    })
    const last = new Map<string, number>()
    for (const sample of run.samples) {
      const series = sample.labels.join()
      expect(sample.timestampMs).toBeGreaterThan(last.get(series) ?? 0)
      last.set(series, sample.timestampMs)
    }
  })

  test.each([500, 502, 503, 504, 429])('sends a request that is answered with %d again, byte by byte, before the next', async (status) => {
    const { requests } = await runSender({
      page: () => 'g 1\n',
      answer: (request) => ({ status: request < 3 ? status : 204 }),
      until: (one) => one.samples.length > 0,
    })
    expect(requests.slice(0, 4).map((request) => Buffer.from(request.body).equals(requests[0]!.body))).toEqual([true, true, true, true])
    expect(requests.slice(0, 4).map(({ headers }) => headers['retry-attempt'])).toEqual([undefined, '1', '2', '3'])
  })

  test('waits as long as Retry-After says', async () => {
    const { requests } = await runSender({
      page: () => 'g 1\n',
      answer: (request) => (request === 0 ? { status: 503, headers: { 'retry-after': '1' } } : { status: 204 }),
      until: (one) => one.samples.length > 0,
    })
    expect(requests[1]!.receivedMs - requests[0]!.receivedMs).toBeGreaterThanOrEqual(990) // timers may fire a little early
  })

  test.each([400, 415, 422])('never sends a request again that is answered with %d, and goes on', async (status) => {
    const run = await runSender({
      page: () => 'g 1\n',
      answer: (request) => ({ status: request === 0 ? status : 204 }),
      until: twice('g'),
    })
    const refused = new Set(run.requests[0]!.samples.map(({ timestampMs }) => timestampMs))
    expect(refused.size).toBeGreaterThan(0)
    expect(run.samples.filter(({ timestampMs }) => refused.has(timestampMs))).toEqual([])
  })
})

describe('a receiver of remote write 1.0', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  async function write(samples: readonly Omit<RawSample, 'timestampMs'>[]): Promise<{ status: number; batches: Batch[] }> {
    const batches: Batch[] = []
    const handler = createRemoteWriteHandler({
      consume: async (batch) => {
        batches.push(batch)
        return { status: 'delivered' }
      },
    })
    server = createServer((request, response) => void handler(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const body = snappyCodec.compress(writeRawSamples(samples.map((sample) => ({ ...sample, timestampMs: Date.now() }))))
    const { status } = await fetch(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`, {
      method: 'POST',
      headers: writeHeaders,
      body: Buffer.from(body),
    })
    return { status, batches }
  }

  const values = {
    '1': bitsOf(1),
    stale: staleBits,
    NaN: nanBits,
    'another NaN': 0xfff8_0000_dead_beefn,
    '+Inf': bitsOf(1 / 0),
    '-Inf': bitsOf(-1 / 0),
  }
  const taken: readonly (readonly [what: string, labels: RawSample['labels']])[] = [
    ['a name alone', [['__name__', 'up']]],
    [
      'labels',
      [
        ['__name__', 'up'],
        ['instance', 'localhost:9090'],
        ['job', 'testjob'],
      ],
    ],
    [
      'labels in another order',
      [
        ['job', 'testjob'],
        ['instance', 'localhost:9090'],
        ['__name__', 'up'],
      ],
    ],
    [
      'line breaks',
      [
        ['__name__', 'up'],
        ['job', 'test\njob\n'],
      ],
    ],
    [
      'dots in names',
      [
        ['__name__', 'resource.cpu.usage'],
        ['job.name', 'testjob'],
      ],
    ],
    [
      'blanks in names',
      [
        ['__name__', 'resource cpu usage'],
        ['job name', 'testjob'],
      ],
    ],
  ]
  for (const [kind, bits] of Object.entries(values)) {
    test.each(taken)(`takes ${kind} with %s`, async (_what, labels) => {
      const { status, batches } = await write([{ labels, bits }])
      const [sample] = samplesOf(batches[0]!)
      expect(status).toBe(204)
      expect(sample!.labels.toObject()).toEqual(Object.fromEntries(labels))
      expect([sample!.stale, sample!.value]).toEqual([kind === 'stale', new Float64Array(BigUint64Array.of(bits).buffer)[0]])
    })
  }

  const up: RawSample['labels'] = [['__name__', 'up']]
  const refused: readonly (readonly [what: string, all: readonly RawSample['labels'][]])[] = [
    ['a series without labels', [[]]],
    ['a series without a name', [[['job', 'testjob']]]],
    [
      'a series with an empty name',
      [
        [
          ['__name__', ''],
          ['job', 'testjob'],
        ],
      ],
    ],
    [
      'a label that comes twice',
      [
        [
          ['__name__', 'up'],
          ['a', '1'],
          ['a', '2'],
        ],
      ],
    ],
    ['one bad series among good ones', [up, [['job', 'testjob']], up]],
  ]
  test.each(refused)('refuses %s with 400, and takes nothing of the request', async (_what, all) => {
    const { status, batches } = await write(all.map((labels) => ({ labels, bits: bitsOf(1) })))
    expect([status, batches]).toEqual([400, []])
  })
})
