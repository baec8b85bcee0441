import type { Instruments } from '@promline/core'
import { Counter, Gauge, type Registry } from 'prom-client'
import { version } from './version.js'

/** Puts promline's instruments onto a prom-client registry, with the prefix `promline_`. */
export function createPromInstruments(registry: Registry): Instruments {
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const updates = new Set<() => void>()
  const registration = (labelNames: readonly string[]) => ({ labelNames: [...labelNames], registers: [registry] })
  // prom-client calls `collect` of one metric per collection; an always present one brings all gauges up to date.
  new Gauge({
    name: 'promline_build_info',
    help: 'The version that runs; always 1.',
    labelNames: ['version'],
    registers: [registry],
    collect() {
      this.set({ version }, 1)
      for (const update of updates) update()
    },
  })
  return {
    counter({ name, help, labelNames }) {
      const counter = counters.get(name) ?? new Counter({ name: `promline_${name}`, help, ...registration(labelNames) })
      counters.set(name, counter)
      return (amount, labels) => counter.inc({ ...labels }, amount)
    },
    gauge({ name, help, labelNames }) {
      const gauge = gauges.get(name) ?? new Gauge({ name: `promline_${name}`, help, ...registration(labelNames) })
      gauges.set(name, gauge)
      return (value, labels) => gauge.set({ ...labels }, value)
    },
    beforeCollect(update) {
      updates.add(update)
      return () => updates.delete(update)
    },
  }
}
