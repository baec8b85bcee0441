import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createPromInstruments } from './prom-instruments.js'

describe('createPromInstruments()', () => {
  it('counts, sets, and brings gauges up to date before a collection', async () => {
    const registry = new Registry()
    const instruments = createPromInstruments(registry)
    const add = instruments.counter({ name: 'in_samples_total', help: 'In.', labelNames: ['pipeline'] })
    const set = instruments.gauge({ name: 'spool_bytes', help: 'Bytes.', labelNames: ['pipeline'] })
    let bytes = 1
    const forget = instruments.beforeCollect(() => set(bytes, { pipeline: 'a' }))
    add(2, { pipeline: 'a' })
    add(3, { pipeline: 'a' })
    const first = await registry.metrics()
    expect(first).toContain('promline_in_samples_total{pipeline="a"} 5\n')
    expect(first).toContain('promline_spool_bytes{pipeline="a"} 1\n')
    bytes = 7
    expect(await registry.metrics()).toContain('promline_spool_bytes{pipeline="a"} 7\n')
    forget()
    bytes = 8
    expect(await registry.metrics()).toContain('promline_spool_bytes{pipeline="a"} 7\n')
  })

  it('gives the instrument that it has when it is asked again', async () => {
    const registry = new Registry()
    const instruments = createPromInstruments(registry)
    const options = { name: 'x_total', help: 'X.', labelNames: [] }
    instruments.counter(options)(1, {})
    instruments.counter(options)(1, {})
    expect(await registry.metrics()).toContain('promline_x_total 2\n')
  })
})
