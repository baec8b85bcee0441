import { type Clock, PromlineError, systemClock } from '@promline/core'
import type { CollectedMetric, WritableMetricRegistry } from '../registry/metric-registry.js'
import { type StreamingServerGauge, streamingServerGauges } from './gauges.js'
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

/** After a longer pause (a laptop asleep, a clock set) only the last day is lived through; that many steps take some 50 ms. */
const maxStepsAtOnce = 24 * 3_600

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
  // The server has been up for a second: a first scrape should not be all zeros.
  const startMs = clock.monotonicMs() - stepMs
  let skippedSteps = 0
  let state = simulation.state()

  const tick = (): void => {
    const behind = Math.floor((clock.monotonicMs() - startMs) / stepMs) - skippedSteps - simulation.steps
    if (behind <= 0) return
    skippedSteps += Math.max(0, behind - maxStepsAtOnce)
    for (let left = Math.min(behind, maxStepsAtOnce); left > 0; left--) simulation.step()
    state = simulation.state()
  }

  tick()
  const tickOnce = oncePerPass(tick)
  const collect = (): StreamingServerState => {
    tickOnce()
    return state
  }
  const unregister = registerGauges(registry, collect)
  return { tick, state: () => state, unregister }
}

/** Registers all or none of them. Returns what takes them away again. */
function registerGauges(registry: WritableMetricRegistry, collect: () => StreamingServerState): () => void {
  const registered: string[] = []
  const unregister = (): void => {
    for (const name of registered.splice(0)) registry.removeSingleMetric(name)
  }
  try {
    for (const gauge of streamingServerGauges) {
      registry.registerMetric(collectedGauge(gauge, collect))
      registered.push(gauge.name)
    }
  } catch (error) {
    unregister()
    throw error
  }
  return unregister
}

function collectedGauge(gauge: StreamingServerGauge, collect: () => StreamingServerState): CollectedMetric {
  const described = { name: gauge.name, help: gauge.help, type: 'gauge', aggregator: 'sum' } as const
  return {
    ...described,
    get: async () => ({ ...described, values: [{ value: gauge.value(collect()), labels: {} }] }),
    // The simulation goes on: its past is not the registry's to forget.
    reset: () => {},
  }
}

/**
 * A registry asks all metrics in one synchronous pass. Only the first of a pass moves time on, so that all of them speak of the same
 * moment.
 */
function oncePerPass(advance: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    queueMicrotask(() => {
      done = false
    })
    advance()
  }
}
