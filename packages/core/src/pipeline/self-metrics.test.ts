import { describe, expect, it } from 'vitest'
import type { SendOutcome } from '../delivery/sink.js'
import type { Instruments, InstrumentOptions } from '../model/instruments.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { SelfMetrics } from './self-metrics.js'
import { batch, startRig } from './testdata/rig.js'

/** Instruments that keep their values by name and labels. */
function recordingInstruments() {
  const values = new Map<string, number>()
  const updates = new Set<() => void>()
  const keyOf = ({ name, labelNames }: InstrumentOptions, labels: Readonly<Record<string, string>>): string => {
    for (const label of Object.keys(labels)) expect(labelNames).toContain(label)
    return `${name}{${Object.entries(labels)
      .filter(([, value]) => value !== '')
      .map(([label, value]) => `${label}=${value}`)
      .sort()
      .join(',')}}`
  }
  const instruments: Instruments = {
    counter: (options) => (amount, labels) => {
      const key = keyOf(options, labels)
      values.set(key, (values.get(key) ?? 0) + amount)
    },
    gauge: (options) => (value, labels) => void values.set(keyOf(options, labels), value),
    beforeCollect(update) {
      updates.add(update)
      return () => updates.delete(update)
    },
  }
  const collect = (): Record<string, number> => {
    for (const update of updates) update()
    return Object.fromEntries([...values].filter(([, value]) => value !== 0))
  }
  return { instruments, collect, updates }
}

const down: SendOutcome = { status: 'retryable', error: new Error('down') }
const invalid: SendOutcome = { status: 'rejected', cause: 'invalid', divisible: false, error: new Error('bad') }

describe('the metrics of a pipeline', () => {
  it('balance at each stage, as the accounts do', async () => {
    const { instruments, collect, updates } = recordingInstruments()
    const sink = createMemorySink({ script: [down, invalid] })
    const { write, pipeline, clock, during } = startRig(
      { sink, delivery: { lanes: 1, batchSendDeadlineMs: 0 } },
      {
        instruments,
        transforms: [
          (one, drop) => {
            drop('filter', { samples: 1, histograms: 0, exemplars: 0 })
            return batch(one.origin.id, [1, 2])
          },
        ],
      },
    )
    await write(batch('a', [1, 2, 3]))
    await clock.advance(10)
    const intake = {
      'in_samples_total{pipeline=p,stage=intake}': 3,
      'dropped_samples_total{pipeline=p,reason=filter,stage=intake}': 1,
      'in_samples_total{pipeline=p,sink=memory,stage=delivery}': 2,
    }
    expect(collect()).toEqual({
      ...intake,
      'in_flight_samples{pipeline=p,sink=memory,stage=delivery}': 2,
      'sink_state{pipeline=p,sink=memory}': 1,
      'sink_lag_seconds{pipeline=p,sink=memory}': 0.01,
      'spool_bytes{pipeline=p}': 32,
      'retries_total{pipeline=p,sink=memory}': 1,
    })
    await clock.advance(100)
    expect(collect()).toEqual({
      ...intake,
      'rejected_samples_total{pipeline=p,reason=invalid,sink=memory,stage=delivery}': 2,
      'spool_bytes{pipeline=p}': 32,
      'retries_total{pipeline=p,sink=memory}': 1,
    })
    await during(pipeline.close())
    expect(updates.size).toBe(0)
    await expect(write(batch('a', [1]))).rejects.toThrow()
  })

  it('say what the disk did to the spool', () => {
    const { instruments, collect } = recordingInstruments()
    const health = { damagedRecords: 2, tornBytes: 0, syncFailures: 3 }
    const spool = { kind: 'disk', head: 9, bytes: 7, maxBytes: 100, segments: 1, unused: [], ...health } as const
    new SelfMetrics('p', instruments).watch(() => ({ name: 'p', state: 'running', spool, sinks: [] }))
    expect(collect()).toEqual({
      'spool_bytes{pipeline=p}': 7,
      'spool_max_bytes{pipeline=p}': 100,
      'spool_damaged_records{pipeline=p}': 2,
      'spool_sync_failures{pipeline=p}': 3,
    })
  })

  it('say what is kept for sinks that are gone, and that it is not any more', () => {
    const { instruments, collect } = recordingInstruments()
    const spool = { kind: 'disk', head: 9, bytes: 7, segments: 1, damagedRecords: 0, tornBytes: 0, syncFailures: 0 } as const
    const old = { name: 'old', sinceMs: 5, bytes: 6 }
    let unused = [old, { name: 'older', sinceMs: 1, bytes: 7 }]
    new SelfMetrics('p', instruments).watch(() => ({ name: 'p', state: 'running', spool: { ...spool, unused }, sinks: [] }))
    expect(collect()).toEqual({
      'spool_bytes{pipeline=p}': 7,
      'spool_unused_bytes{pipeline=p,sink=old}': 6,
      'spool_unused_bytes{pipeline=p,sink=older}': 7,
    })
    unused = [old]
    expect(collect()).toEqual({ 'spool_bytes{pipeline=p}': 7, 'spool_unused_bytes{pipeline=p,sink=old}': 6 })
  })

  it('say nothing any more of a sink that was taken out', async () => {
    const { instruments, collect } = recordingInstruments()
    const { write, pipeline, clock, during } = startRig({ sink: createMemorySink({ otherwise: () => down }) }, { instruments })
    await write(batch('a', [1]))
    await clock.advance(2_000)
    expect(collect()).toMatchObject({ 'sink_state{pipeline=p,sink=memory}': 1, 'sink_lag_seconds{pipeline=p,sink=memory}': 2 })
    await during(pipeline.apply({ sinks: [] }))
    expect(Object.keys(collect()).filter((key) => /^(sink|in_flight|spooled)_/.test(key))).toEqual([])
  })

  it('count what was not taken, by the code of its error', async () => {
    const { instruments, collect } = recordingInstruments()
    const refuse = (): Error => new Error('no room')
    const { write } = startRig({ sink: createMemorySink() }, { instruments, spoolOptions: { refuse } })
    await expect(write(batch('a', [1, 2]))).rejects.toThrow('no room')
    expect(collect()).toEqual({ 'rejected_samples_total{pipeline=p,reason=other,stage=intake}': 2 })
  })
})
