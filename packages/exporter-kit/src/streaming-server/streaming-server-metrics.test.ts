import { Registry as PrometheusIoRegistry } from '@prometheus-io/client'
import fc from 'fast-check'
import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import type { WritableMetricRegistry } from '../registry/metric-registry.js'
import { streamingServerGauges } from './gauges.js'
import { connectionKinds, StreamingServerSimulation, type StreamingServerState, stepMs } from './simulation.js'
import { createStreamingServerMetrics } from './streaming-server-metrics.js'

const names = `
avgThroughputIn avgThroughputOut lastThroughputIn lastThroughputOut maxThroughputIn maxThroughputOut
totalBytesIn totalBytesOut totalConnections maxTotalConnections
connections_file connections_hlsv3 connections_llhls connections_ovt
connections_push connections_srt connections_thumbnail connections_webrtc`
  .trim()
  .split(/\s+/)

function manualClock(): { monotonicMs(): number; advance(ms: number): void } {
  let now = 1_234
  return { monotonicMs: () => now, advance: (ms) => (now += ms) }
}

function takeName(registry: WritableMetricRegistry, name: string): void {
  const metric = { name, get: async () => ({}) }
  registry.registerMetric(metric)
}

/** The values of an exposition by name. */
function parse(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => line.split(' ')).map(([name, value]) => [name, Number(value)]))
}

describe.each([
  ['prom-client', () => new Registry()],
  ['@prometheus-io/client', () => new PrometheusIoRegistry()],
])('on a registry of %s', (_client, createRegistry) => {
  test('there are the 18 gauges, with help and type', async () => {
    const registry = createRegistry()
    createStreamingServerMetrics({ registry })
    const text = await registry.metrics()
    expect(Object.keys(parse(text))).toEqual(names)
    for (const { name, help } of streamingServerGauges) expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} `)
  })

  test('the same seed and the same steps give the same exposition, another seed another', async () => {
    const run = async (seed: number) => {
      const registry = createRegistry()
      const clock = manualClock()
      createStreamingServerMetrics({ registry, seed, clock })
      const pages: string[] = []
      for (const ms of [0, 10_000, 1_500, 500, 60_000]) {
        clock.advance(ms)
        pages.push(await registry.metrics())
      }
      return pages
    }
    const first = await run(7)
    expect(await run(7)).toEqual(first)
    expect(await run(8)).not.toEqual(first)
  })

  test('one exposition speaks of one moment, though time passes while it is collected', async () => {
    const registry = createRegistry()
    let now = 0
    createStreamingServerMetrics({ registry, clock: { monotonicMs: () => (now += 900) } })
    for (let i = 0; i < 50; i++) {
      const shown = parse(await registry.metrics())
      const kinds = connectionKinds.reduce((sum, kind) => sum + shown[`connections_${kind}`]!, 0)
      expect(shown['totalConnections']).toBe(kinds)
    }
  })

  test('default labels of the registry are shown, and its reset is survived', async () => {
    const registry = createRegistry()
    registry.setDefaultLabels({ app: 'demo' })
    createStreamingServerMetrics({ registry })
    registry.resetMetrics()
    expect(await registry.metrics()).toMatch(/\ntotalBytesIn\{app="demo"\} [1-9]\d*\n/)
  })

  test('a name that is taken is refused, and none of the gauges stays', async () => {
    const registry = createRegistry()
    const metrics = createStreamingServerMetrics({ registry })
    expect(() => createStreamingServerMetrics({ registry })).toThrow('A metric with the name avgThroughputIn has already been registered.')
    metrics.unregister()
    metrics.unregister()
    expect(registry.getMetricsAsArray()).toEqual([])
    takeName(registry, 'totalBytesIn')
    expect(() => createStreamingServerMetrics({ registry })).toThrow('totalBytesIn has already been registered.')
    expect(registry.getMetricsAsArray()).toHaveLength(1)
  })
})

describe('createStreamingServerMetrics()', () => {
  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the seed %s', (seed) => {
    expect(() => createStreamingServerMetrics({ registry: new Registry(), seed })).toThrow(`seed must be a whole number, not ${seed}`)
  })

  test('advances by tick() as by a collection, in whole seconds, and never back', () => {
    let now = 0
    const metrics = createStreamingServerMetrics({ registry: new Registry(), clock: { monotonicMs: () => now } })
    const start = metrics.state()
    now = 999
    metrics.tick()
    expect(metrics.state()).toEqual(start)
    now = 1_000
    metrics.tick()
    const second = metrics.state()
    expect(start.in.totalBytes).toBe(start.in.last)
    expect(second.in.totalBytes).toBe(start.in.last + second.in.last)
    now = 0
    metrics.tick()
    expect(metrics.state()).toEqual(second)
  })

  test('after a long pause lives through the last day only, and goes on from there', () => {
    let now = 0
    const metrics = createStreamingServerMetrics({ registry: new Registry(), clock: { monotonicMs: () => now } })
    now = 365 * 24 * 3_600_000
    metrics.tick()
    const simulation = new StreamingServerSimulation(1)
    for (let i = 0; i < 1 + 24 * 3_600; i++) simulation.step()
    expect(metrics.state()).toEqual(simulation.state())
    now += stepMs
    metrics.tick()
    simulation.step()
    expect(metrics.state()).toEqual(simulation.state())
  })
})

describe('the simulation', () => {
  function history(seed: number, steps: number): StreamingServerState[] {
    const simulation = new StreamingServerSimulation(seed)
    const states = [simulation.state()]
    for (let i = 0; i < steps; i++) {
      simulation.step()
      states.push(simulation.state())
    }
    return states
  }

  test('is coherent at every step: totals, means, maxima and sums follow from what was shown', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 300 }), (seed, steps) => {
        const states = history(seed, steps)
        for (const [i, state] of states.entries()) {
          const past = states.slice(0, i + 1)
          for (const direction of ['in', 'out'] as const) {
            const lasts = past.map((one) => one[direction].last)
            const total = lasts.reduce((sum, last) => sum + last, 0)
            expect(state[direction].totalBytes).toBe(total)
            expect(state[direction].avg).toBe(i === 0 ? 0 : total / i)
            expect(state[direction].max).toBe(Math.max(...lasts))
          }
          expect(state.totalConnections).toBe(connectionKinds.reduce((sum, kind) => sum + state.connections[kind], 0))
          expect(state.maxTotalConnections).toBe(Math.max(...past.map((one) => one.totalConnections)))
          for (const kind of connectionKinds) expect(state.connections[kind]).toSatisfy((n: number) => Number.isInteger(n) && n >= 0)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('changes, within what such a server can do, over a day', () => {
    const states = history(1, 86_400)
    const totals = states.map((state) => state.totalConnections)
    expect(Math.min(...totals)).toBeGreaterThan(50)
    expect(Math.max(...totals)).toBeLessThan(500)
    expect(new Set(totals).size).toBeGreaterThan(50)
    expect(states.at(-1)!.out.avg).toBeGreaterThan(states.at(-1)!.in.avg)
  })
})
