import { PromlineError } from '@promline/core'
import { createFakeClock } from '@promline/core/testing'
import { Registry as PrometheusIoRegistry } from '@prometheus-io/client'
import { type OpenMetricsContentType, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createPoller } from './poller.js'
import { registerPollerMetrics } from './poller-metrics.js'

function demoPollers() {
  const clock = createFakeClock({ nowMs: 1_700_000_000_500 })
  let down = false
  const market = createPoller({
    name: 'market',
    poll: async () => {
      if (down) throw new PromlineError('status', 'market answered 500')
    },
    intervalMs: 15_000,
    retries: 1,
    random: () => 0,
    clock,
  })
  const silent = createPoller({ name: 'silent', poll: async () => 0, intervalMs: 15_000, clock })
  const fail = async (): Promise<void> => {
    down = true
    const polled = market.pollNow()
    await clock.advance(100)
    await polled
  }
  return { market, silent, fail }
}

const page = `# HELP poller_polls_total Polls that ended, well or badly.
# TYPE poller_polls_total counter
poller_polls_total{poller="market"} 2
poller_polls_total{poller="silent"} 0
# HELP poller_retries_total Calls of the source beyond the first of a poll.
# TYPE poller_retries_total counter
poller_retries_total{poller="market"} 1
poller_retries_total{poller="silent"} 0
# HELP poller_skipped_total Ticks without a poll, because the one before was still under way.
# TYPE poller_skipped_total counter
poller_skipped_total{poller="market"} 0
poller_skipped_total{poller="silent"} 0
# HELP poller_last_success_timestamp_seconds When the source last answered; absent before it has.
# TYPE poller_last_success_timestamp_seconds gauge
poller_last_success_timestamp_seconds{poller="market"} 1700000000.5
# HELP poller_last_duration_seconds How long the last poll took, its retries included.
# TYPE poller_last_duration_seconds gauge
poller_last_duration_seconds{poller="market"} 0
# HELP poller_errors_total Polls that failed after their retries, by reason.
# TYPE poller_errors_total counter
poller_errors_total{poller="market",reason="status"} 1
`

describe.each([
  ['prom-client', () => new Registry()],
  ['@prometheus-io/client', () => new PrometheusIoRegistry()],
])('on a registry of %s', (_client, createRegistry) => {
  test('all pollers are shown with what they did', async () => {
    const { market, silent, fail } = demoPollers()
    const registry = createRegistry()
    registerPollerMetrics({ registry, pollers: [market, silent] })
    await market.pollNow()
    await fail()
    expect((await registry.metrics()).replaceAll('\n\n', '\n')).toBe(page)
  })

  test('the metrics go as they came', async () => {
    const registry = createRegistry()
    const unregister = registerPollerMetrics({ registry, pollers: [] })
    expect(() => registerPollerMetrics({ registry, pollers: [] })).toThrow('poller_polls_total has already been registered')
    unregister()
    unregister()
    expect(await registry.metrics()).toBe('\n')
  })
})

test('an OpenMetrics registry shows counters by its rules', async () => {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  registerPollerMetrics({ registry, pollers: [demoPollers().market] })
  const text = await registry.metrics()
  expect(text).toContain('# TYPE poller_polls counter\npoller_polls_total{poller="market"} 0\n')
})

test('two pollers of one name are refused', () => {
  const { market } = demoPollers()
  const register = () => registerPollerMetrics({ registry: new Registry(), pollers: [market, market] })
  const message = 'two pollers are called market: their metrics could not be told apart'
  expect(register).toThrow(expect.objectContaining({ code: 'options', message }))
})
