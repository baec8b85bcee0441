import { Registry as PrometheusIoRegistry } from '@prometheus-io/client'
import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createSynthetics, integral, maximum, randomWalk, sum, type SyntheticsOptions } from './index.js'

function manualClock() {
  let now = 5_000
  const advance = (ms: number): void => {
    now += ms
  }
  return { monotonicMs: () => now, advance }
}

const reads = randomWalk({ start: 100, step: 10, min: 0, max: 200, name: 'reads' })
const writes = randomWalk({ start: 50, step: 5, min: 0, max: 100, name: 'writes' })
const metrics = {
  gauges: {
    disk_bytes_per_second: {
      help: 'Throughput.',
      series: [
        { labels: { direction: 'read' }, value: reads },
        { labels: { direction: 'write' }, value: writes },
      ],
    },
    disk_bytes_per_second_all: { help: 'Throughput of both.', value: sum(reads, writes) },
    disk_bytes_per_second_max: { help: 'Highest throughput.', value: maximum(sum(reads, writes)), labels: { disk: 'sda' } },
    disk_up: { help: 'Up.', value: 1 },
  },
  counters: { disk_bytes_total: { help: 'Bytes.', value: integral(sum(reads, writes)) } },
} satisfies SyntheticsOptions

/** The values of a page, by series. */
function parse(page: string): Record<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => line.split(' ')).map(([series, value]) => [series, Number(value)]))
}

const read = 'disk_bytes_per_second{direction="read"}'
const write = 'disk_bytes_per_second{direction="write"}'

describe('createSynthetics()', () => {
  test('is a registry: gauges and counters with help, type and labels', async () => {
    const synthetics = createSynthetics({ ...metrics, clock: manualClock() })
    expect(synthetics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect((await synthetics.metrics()).replaceAll(/ \d+\.\d+$/gm, ' N')).toBe(`# HELP disk_bytes_per_second Throughput.
# TYPE disk_bytes_per_second gauge
${read} N
${write} N
# HELP disk_bytes_per_second_all Throughput of both.
# TYPE disk_bytes_per_second_all gauge
disk_bytes_per_second_all N
# HELP disk_bytes_per_second_max Highest throughput.
# TYPE disk_bytes_per_second_max gauge
disk_bytes_per_second_max{disk="sda"} N
# HELP disk_up Up.
# TYPE disk_up gauge
disk_up 1
# HELP disk_bytes_total Bytes.
# TYPE disk_bytes_total counter
disk_bytes_total N
`)
  })

  test.each([
    ['prom-client', () => new Registry()],
    ['@prometheus-io/client', () => new PrometheusIoRegistry()],
  ])('shows the same on a registry of %s, until it is unregistered', async (_client, createRegistry) => {
    const registry = createRegistry()
    const synthetics = createSynthetics({ ...metrics, registry, clock: manualClock() })
    expect(parse(await registry.metrics())).toEqual(parse(await synthetics.metrics()))
    expect(() => createSynthetics({ ...metrics, registry })).toThrow('disk_bytes_per_second has already been registered')
    synthetics.unregister()
    synthetics.unregister()
    expect(registry.getMetricsAsArray()).toEqual([])
  })

  test('every page speaks of one moment, though time passes while it is made', async () => {
    let now = 0
    const synthetics = createSynthetics({ ...metrics, clock: { monotonicMs: () => (now += 900) } })
    for (let i = 0; i < 20; i++) {
      const shown = parse(await synthetics.metrics())
      expect(shown['disk_bytes_per_second_all']).toBe(shown[read]! + shown[write]!)
    }
  })

  test('the same seed and the same instants give the same pages, however often others are made between them', async () => {
    const pages = async (seed: number, betweenMs: number): Promise<string[]> => {
      const clock = manualClock()
      const synthetics = createSynthetics({ ...metrics, seed, clock })
      const shown: string[] = []
      for (let second = 0; second < 3; second++) {
        shown.push(await synthetics.metrics())
        for (let ms = 0; ms < 10_000; ms += betweenMs) {
          clock.advance(betweenMs)
          await synthetics.metrics()
        }
      }
      return shown
    }
    expect(await pages(7, 500)).toEqual(await pages(7, 10_000))
    expect(await pages(8, 10_000)).not.toEqual(await pages(7, 10_000))
  })

  test('metrics that come, go or change their order do not change the values of others', async () => {
    const clock = manualClock()
    const shownBy = async (options: SyntheticsOptions): Promise<Record<string, number>> => {
      return parse(await createSynthetics({ ...options, clock, seed: 3 }).metrics())
    }
    const all = await shownBy(metrics)
    const noise = { help: 'Noise.', value: randomWalk({ start: 0, step: 1 }) }
    const { disk_bytes_per_second: disk } = metrics.gauges
    expect(await shownBy({ gauges: { noise, disk_bytes_per_second: disk } })).toMatchObject({ [read]: all[read], [write]: all[write] })
    expect(await shownBy({ counters: metrics.counters })).toEqual({ disk_bytes_total: all['disk_bytes_total'] })
  })

  test('steps may have another length, and values are to be had by their expressions', () => {
    const clock = manualClock()
    const total = integral(8)
    const synthetics = createSynthetics({ gauges: { total: { help: 'T.', value: total } }, stepMs: 250, clock })
    expect(synthetics.value(total)).toBe(2)
    clock.advance(999)
    expect(synthetics.value(total)).toBe(2)
    synthetics.tick()
    expect(synthetics.value(total)).toBe(8)
    expect(() => synthetics.value(reads)).toThrow('this randomWalk is no part of the metrics')
  })

  test('after a long pause only the last day of seconds is lived through', () => {
    const clock = manualClock()
    const time = integral(1)
    const synthetics = createSynthetics({ gauges: { time: { help: 'T.', value: time } }, clock })
    clock.advance(10 * 86_400_000)
    synthetics.tick()
    expect(synthetics.value(time)).toBe(86_401)
    clock.advance(1_000)
    synthetics.tick()
    expect(synthetics.value(time)).toBe(86_402)
  })

  test('and less than a day where there are many expressions, so that the process is not held up for long', () => {
    const clock = manualClock()
    const time = integral(1)
    // With `time` and its input they are 2,000.
    const series = Array.from({ length: 1_998 }, (_, i) => ({ labels: { i: String(i) }, value: i }))
    const synthetics = createSynthetics({ gauges: { time: { help: 'T.', value: time }, many: { help: 'M.', series } }, clock })
    clock.advance(86_400_000)
    synthetics.tick()
    expect(synthetics.value(time)).toBe(10_001)
  })

  test.each<[SyntheticsOptions, string]>([
    [{ seed: 1.5 }, 'synthetics: seed must be a whole number, not 1.5'],
    [{ stepMs: 0 }, 'synthetics: stepMs must be at least 1, not 0'],
    [{ gauges: { 'a-b': { help: '', value: 1 } } }, 'synthetics: "a-b" is no name for a metric'],
    [{ counters: { a: { help: '', value: 1 } } }, 'synthetics: the name of a counter must end in _total, not a'],
    [{ gauges: { a: { help: '', value: 1, labels: { 'b-c': '' } } } }, 'synthetics: "b-c" is no name for a label of a'],
    [{ gauges: { a: { help: '', series: [{ value: 1 }, { value: 2 }] } } }, 'synthetics: two series of a have the same labels'],
    [{ gauges: { a_total: { help: '', value: 1 } }, counters: { a_total: { help: '', value: 1 } } }, 'there is a metric a_total already'],
  ])('refuses %j', (options, message) => {
    expect(() => createSynthetics(options)).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})
