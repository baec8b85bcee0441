import { type Batch, type Clock, type Consume, countsOf, type Logger, samplesOf } from '@promline/core'
import { Registry as PrometheusIoRegistry } from '@prometheus-io/client'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import type { MetricRegistry } from './metric-registry.js'
import { type RegistrySourceOptions, registrySource } from './registry-source.js'

/** A clock whose hands the test moves. */
class ManualClock implements Clock {
  wallMs = 1_000_000
  #now = 0
  readonly #due: { atMs: number; callback: () => void }[] = []
  nowMs(): number {
    return this.wallMs
  }
  monotonicMs(): number {
    return this.#now
  }
  schedule(delayMs: number, callback: () => void): () => void {
    const entry = { atMs: this.#now + delayMs, callback }
    this.#due.push(entry)
    return () => {
      const at = this.#due.indexOf(entry)
      if (at >= 0) this.#due.splice(at, 1)
    }
  }
  advance(ms: number): void {
    this.#now += ms
    this.wallMs += ms
    for (const entry of this.#due.filter(({ atMs }) => atMs <= this.#now)) {
      this.#due.splice(this.#due.indexOf(entry), 1)
      entry.callback()
    }
  }
  /** Calls back everything that is due some time, now. */
  fireEarly(): void {
    for (const { callback } of this.#due.splice(0)) callback()
  }
  get scheduled(): number {
    return this.#due.length
  }
}

/** Everything that is ready to run has run. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

interface Running {
  readonly clock: ManualClock
  readonly batches: Batch[]
  readonly counted: Record<string, number>
  readonly logged: string[]
  /** Moves time on and lets the source do its work. */
  advance(ms: number): Promise<void>
  fireEarly(): Promise<void>
  stop(): Promise<void>
}

async function runSource(registry: MetricRegistry, options: Partial<RegistrySourceOptions> & { consume?: Consume } = {}): Promise<Running> {
  const clock = new ManualClock()
  const batches: Batch[] = []
  const counted: Record<string, number> = {}
  const logged: string[] = []
  const log = (_facts: object, message: string) => void logged.push(message)
  const logger: Logger = { debug: log, info: log, warn: log, error: log }
  const { consume = async () => ({ status: 'spooled' }), ...rest } = options
  const source = registrySource({
    registry,
    name: 'app',
    intervalMs: 1_000,
    clock,
    logger,
    instruments: {
      counter: ({ name }) => {
        return (amount, labels) => {
          const key = `${name} ${labels['source']}`
          counted[key] = (counted[key] ?? 0) + amount
        }
      },
      gauge: () => () => {},
      beforeCollect: () => () => {},
    },
    ...rest,
  })
  const stopping = new AbortController()
  const ended = source.run(
    async (batch, consumeOptions) => {
      batches.push(batch)
      return consume(batch, consumeOptions)
    },
    { signal: stopping.signal },
  )
  await settled()
  return {
    clock,
    batches,
    counted,
    logged,
    async advance(ms) {
      clock.advance(ms)
      await settled()
    },
    async fireEarly() {
      clock.fireEarly()
      await settled()
    },
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

/** `name{labels} value @ms`, or `stale` for the value. */
function show(batch: Batch | undefined): string[] {
  return [...samplesOf(batch ?? { origin: { kind: 'registry', id: '' }, columns: [] })].map(({ labels, value, stale, timestampMs }) => {
    const { __name__: name, ...others } = labels.toObject()
    return `${name}${JSON.stringify(others)} ${stale ? 'stale' : value} @${timestampMs}`
  })
}

/** A registry whose text the test sets. */
function textRegistry(text: string): MetricRegistry & { text: string } {
  return {
    text,
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    async metrics() {
      return this.text
    },
  }
}

describe.each([
  ['prom-client', async () => await import('prom-client')],
  ['@prometheus-io/client', async () => await import('@prometheus-io/client')],
])('a registry of %s', (_name, load) => {
  test('is gathered at once, then every interval, with metadata and one timestamp', async () => {
    const client = await load()
    const registry = new client.Registry()
    const counter = new client.Counter({ name: 'jobs_total', help: 'Jobs', labelNames: ['kind'], registers: [registry as never] })
    new client.Gauge({ name: 'odd', help: 'Not a number', registers: [registry as never] }).set(Number.NaN)
    counter.inc({ kind: 'a' }, 2)
    const running = await runSource(registry)
    counter.inc({ kind: 'a' })
    await running.advance(1_000)
    await running.stop()
    expect(running.batches.map(show)).toEqual([
      ['jobs_total{"kind":"a"} 2 @1000000', 'odd{} NaN @1000000'],
      ['jobs_total{"kind":"a"} 3 @1001000', 'odd{} NaN @1001000'],
      ['jobs_total{"kind":"a"} stale @1001001', 'odd{} stale @1001001'],
    ])
    const [batch] = running.batches
    expect(batch!.origin).toMatchObject({ kind: 'registry', id: 'app' })
    expect([...samplesOf(batch!)][0]!.metadata).toEqual({ name: 'jobs_total', type: 'counter', help: 'Jobs', unit: '' })
  })
})

describe('registrySource()', () => {
  test('keeps the lists of series from one gathering to the next', async () => {
    const registry = new Registry()
    new Histogram({ name: 'seconds', help: 'Seconds', registers: [registry] }).observe(0.3)
    const running = await runSource(registry)
    await running.advance(1_000)
    await running.stop()
    const lists = running.batches.map((batch) => batch.columns.map(({ series }) => series))
    expect(lists[1]).toEqual(lists[0])
    for (const [i, list] of lists[1]!.entries()) expect(list).toBe(lists[0]![i])
    expect(countsOf(running.batches[0]!).samples).toBe(14)
  })

  test('marks a series that is gone, once, and takes it back when it returns', async () => {
    const registry = new Registry()
    const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['x'], registers: [registry] })
    gauge.set({ x: '1' }, 1)
    gauge.set({ x: '2' }, 2)
    const running = await runSource(registry, { staleAtStop: false })
    gauge.remove({ x: '1' })
    await running.advance(1_000)
    await running.advance(1_000)
    gauge.set({ x: '1' }, 5)
    await running.advance(1_000)
    await running.stop()
    expect(running.batches.map(show)).toEqual([
      ['g{"x":"1"} 1 @1000000', 'g{"x":"2"} 2 @1000000'],
      ['g{"x":"2"} 2 @1001000', 'g{"x":"1"} stale @1001000'],
      ['g{"x":"2"} 2 @1002000'],
      ['g{"x":"2"} 2 @1003000', 'g{"x":"1"} 5 @1003000'],
    ])
  })

  test('adds labels where they are absent', async () => {
    const running = await runSource(textRegistry('a 1\na{job="own"} 2\n'), { labels: { job: 'app', instance: 'i' }, staleAtStop: false })
    await running.stop()
    expect(running.batches.map(show)).toEqual([['a{"instance":"i","job":"app"} 1 @1000000', 'a{"instance":"i","job":"own"} 2 @1000000']])
    expect(running.batches[0]!.origin.targetLabels!.toObject()).toEqual({ instance: 'i', job: 'app' })
  })

  test('keeps timestamps strictly increasing when the wall clock goes back', async () => {
    const running = await runSource(textRegistry('a 1\n'))
    running.clock.wallMs -= 3_600_000
    await running.advance(1_000)
    await running.advance(1_000)
    await running.stop()
    expect(running.batches.map((batch) => [...samplesOf(batch)][0]!.timestampMs)).toEqual([1_000_000, 1_000_001, 1_000_002, 1_000_003])
  })

  test('leaves a timestamp of the registry alone, and does not track its series', async () => {
    const registry = textRegistry('a 1 123\nb 2\n')
    const running = await runSource(registry)
    registry.text = '\n'
    await running.advance(1_000)
    await running.stop()
    expect(running.batches.map(show)).toEqual([['a{} 1 @123', 'b{} 2 @1000000'], ['b{} stale @1001000']])
  })

  test('takes the first of two samples of a series, and counts and logs the second', async () => {
    const running = await runSource(textRegistry('a 1\na 2\n'), { staleAtStop: false })
    await running.stop()
    expect(show(running.batches[0])).toEqual(['a{} 1 @1000000'])
    expect(running.counted).toEqual({ 'registry_lost_samples_total app': 1 })
    expect(running.logged).toEqual(['The registry shows a series twice; the first sample counts.'])
  })

  test('skips and counts the ticks for which a write is waited for', async () => {
    let release = (): void => {}
    const consume: Consume = () =>
      new Promise((resolve) => {
        release = () => resolve({ status: 'spooled' })
      })
    const running = await runSource(textRegistry('a 1\n'), { consume, staleAtStop: false })
    await running.advance(3_500)
    expect(running.batches).toHaveLength(1)
    release()
    await settled()
    expect(running.counted).toEqual({ 'registry_gathers_skipped_total app': 3 })
    await running.advance(500)
    expect(running.batches.map(show).at(-1)).toEqual(['a{} 1 @1004000'])
    release()
    await running.stop()
  })

  test('takes a timer that fires early for the tick that it was set for', async () => {
    const running = await runSource(textRegistry('a 1\n'), { staleAtStop: false })
    await running.fireEarly()
    await running.advance(999)
    expect(running.batches).toHaveLength(2)
    await running.advance(1_001)
    await running.stop()
    expect(running.batches).toHaveLength(3)
    expect(running.counted).toEqual({})
  })

  test('counts and logs what is not accepted, and goes on', async () => {
    let refused = true
    const consume: Consume = async () => {
      if (!refused) return { status: 'delivered' }
      throw new Error('spool full')
    }
    const running = await runSource(textRegistry('a 1\nb 2\n'), { consume, staleAtStop: false })
    refused = false
    await running.advance(1_000)
    await running.stop()
    expect(running.batches).toHaveLength(2)
    expect(running.counted).toEqual({ 'registry_lost_samples_total app': 2 })
    expect(running.logged).toEqual(['A gathering was not accepted: spool full'])
  })

  test.each([
    ['a metric throws', 'boom', () => Promise.reject(new Error('boom'))],
    ['the text is no exposition', '1:6: expected "=" after label name "up", found ":1}"', async () => '{"up":1}'],
  ])('ends its series when %s, and begins them again', async (_case, message, broken) => {
    const registry = textRegistry('a 1\n')
    const running = await runSource(registry, { staleAtStop: false })
    const working = registry.metrics.bind(registry)
    registry.metrics = broken
    await running.advance(1_000)
    await running.advance(1_000)
    registry.metrics = working
    await running.advance(1_000)
    await running.stop()
    expect(running.batches.map(show)).toEqual([['a{} 1 @1000000'], ['a{} stale @1001000'], ['a{} 1 @1003000']])
    expect(running.logged).toEqual(Array.from({ length: 2 }, () => `The registry could not be gathered: ${message}`))
  })

  test('ends its series when a metric hangs, begins no more than eight collections that hang, and begins again', async () => {
    const registry = textRegistry('a 1\n')
    const running = await runSource(registry, { staleAtStop: false, collectTimeoutMs: 500 })
    const working = registry.metrics.bind(registry)
    let release = (_text: string): void => {}
    let collections = 0
    registry.metrics = () => {
      collections++
      return new Promise((resolve) => {
        release = resolve
      })
    }
    await running.advance(1_000)
    for (let i = 0; i < 8; i++) {
      await running.advance(500)
      await running.advance(500)
    }
    expect(collections).toBe(8)
    expect(running.batches.map(show)).toEqual([['a{} 1 @1000000'], ['a{} stale @1001500']])
    const timeout = 'The registry could not be gathered: the registry was not collected within 500 ms'
    const full = 'The registry could not be gathered: 8 collections that were given up have not ended'
    expect(running.logged).toEqual([...Array.from({ length: 8 }, () => timeout), full])
    release('')
    registry.metrics = working
    await running.advance(1_000)
    await running.stop()
    expect(running.batches.map(show).at(-1)).toEqual(['a{} 1 @1010000'])
    expect(running.clock.scheduled).toBe(0)
  })

  test('stops at once where a metric does not answer', async () => {
    const running = await runSource({ contentType: 'text/plain', metrics: () => new Promise(() => {}) })
    await running.stop()
    expect(running.batches).toEqual([])
  })

  test('gives a write two seconds after the stop, and leaves no timer', async () => {
    const consume: Consume = (_batch, options) =>
      new Promise((_resolve, reject) => options!.signal!.addEventListener('abort', () => reject(new Error('given up'))))
    const running = await runSource(textRegistry('a 1\n'), { consume, staleAtStop: false })
    const stopped = running.stop()
    await running.advance(1_999)
    expect(running.logged).toEqual([])
    await running.advance(1)
    await stopped
    expect(running.logged).toEqual(['A gathering was not accepted: given up'])
    expect(running.clock.scheduled).toBe(0)
  })

  test('does nothing but end its series where it was stopped before', async () => {
    const stopped = AbortSignal.abort()
    const batches: Batch[] = []
    const source = registrySource({ registry: textRegistry('a 1\n'), name: 'app', intervalMs: 1_000 })
    const consume: Consume = async (batch) => {
      batches.push(batch)
      return { status: 'spooled' }
    }
    await source.run(consume, { signal: stopped })
    expect(batches).toEqual([])
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the interval %s', (intervalMs) => {
    expect(() => registrySource({ registry: textRegistry(''), name: 'app', intervalMs })).toThrow(
      `registry source app: intervalMs must be at least 1, not ${intervalMs}`,
    )
  })

  test.each<[Partial<RegistrySourceOptions>, string]>([
    // Node fires a timer of that length at once.
    [{ intervalMs: 2_147_483_648 }, 'registry source app: intervalMs must be at most 2147483647, not 2147483648'],
    [{ collectTimeoutMs: 0 }, 'registry source app: collectTimeoutMs must be from 1 to 2147483647, not 0'],
    [{ collectTimeoutMs: Number.NaN }, 'registry source app: collectTimeoutMs must be from 1 to 2147483647, not NaN'],
  ])('refuses %j', (options, message) => {
    const create = () => registrySource({ registry: textRegistry(''), name: 'app', intervalMs: 1_000, ...options })
    expect(create).toThrow(expect.objectContaining({ code: 'options', message }))
  })

  test('refuses a registry of OpenMetrics text', () => {
    const registry = new PrometheusIoRegistry(PrometheusIoRegistry.OPENMETRICS_CONTENT_TYPE)
    expect(() => registrySource({ registry, name: 'app', intervalMs: 1 })).toThrow(
      'registry source app: the registry speaks OpenMetrics; make it with the content type of the text format, Registry.PROMETHEUS_CONTENT_TYPE',
    )
  })

  test('runs on the machine’s clock', async () => {
    const registry = new Registry()
    new Counter({ name: 'n', help: 'N', registers: [registry] }).inc()
    const stopping = new AbortController()
    const before = Date.now()
    const times: number[] = []
    const source = registrySource({ registry, name: 'app', intervalMs: 5, staleAtStop: false })
    await source.run(
      async (batch) => {
        times.push([...samplesOf(batch)][0]!.timestampMs)
        if (times.length === 3) stopping.abort()
        return { status: 'spooled' }
      },
      { signal: stopping.signal },
    )
    expect(times).toHaveLength(3)
    expect(times[0]).toBeGreaterThanOrEqual(before)
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
  })
})
