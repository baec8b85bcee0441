import { type Clock, PromlineError, systemClock } from '@promline/core'
import { registerCollected } from '../registry/collected-metrics.js'
import type { WritableMetricRegistry } from '../registry/metric-registry.js'
import { followClock, oncePerPass } from '../synthetic/follow-clock.js'
import { streamingServerGauges } from './gauges.js'
import { StreamingServerSimulation, type StreamingServerState, stepMs } from './simulation.js'

/** Options of `createStreamingServerMetrics`. */
export interface StreamingServerMetricsOptions {
  /** Where the 18 gauges are registered: a `Registry` of prom-client or of @prometheus-io/client. */
  readonly registry: WritableMetricRegistry
  /** A whole number. The same seed and the same passing of time give the same numbers. Default 1. */
  readonly seed?: number
  /** Only its monotonic side is used. Default: the machine's clock. */
  readonly clock?: Pick<Clock, 'monotonicMs'>
}

/** A made-up streaming server behind 18 gauges. */
export interface StreamingServerMetrics {
  /** Brings the simulation up to the clock: done at every collection, so nobody has to call it. */
  tick(): void
  /** The state as of the last tick or collection. */
  state(): StreamingServerState
  /** Takes the gauges off the registry. Safe to call twice. */
  unregister(): void
}

/**
 * Registers the gauges of a synthetic streaming server. The numbers agree with each other: totals integrate throughput, the means are
 * the totals over time, maxima are those of what was shown, and `totalConnections` is the sum of the kinds, in every exposition.
 *
 * Throws a PromlineError (`options`) for a seed that is not a whole number; and what the registry throws where a name is taken.
 */
export function createStreamingServerMetrics(options: StreamingServerMetricsOptions): StreamingServerMetrics {
  const { registry, seed = 1, clock = systemClock } = options
  if (!Number.isSafeInteger(seed)) throw new PromlineError('options', `seed must be a whole number, not ${seed}`, { facts: { seed } })
  const simulation = new StreamingServerSimulation(seed)
  let state = simulation.state()
  const catchUp = followClock(simulation, { clock, stepMs })
  const tick = (): void => {
    catchUp()
    state = simulation.state()
  }
  tick()
  const tickOnce = oncePerPass(tick)
  const families = streamingServerGauges.map(({ name, help, value }) => ({
    name,
    help,
    type: 'gauge' as const,
    values: () => {
      tickOnce()
      return [{ value: value(state), labels: {} }]
    },
  }))
  return { tick, state: () => state, unregister: registerCollected(registry, families) }
}
