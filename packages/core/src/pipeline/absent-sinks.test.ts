import { describe, expect, it } from 'vitest'
import type { Logger } from '../model/logger.js'
import type { InstrumentLabels, Instruments } from '../model/instruments.js'
import { createDiskSpool } from '../spool/disk-spool.js'
import { FakeDisk } from '../spool/testdata/fake-disk.js'
import { ManualClock } from '../spool/testdata/manual-clock.js'
import { settle } from '../spool/testdata/spools.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { createPipeline } from './create-pipeline.js'
import type { Pipeline, PipelineEventMap } from './pipeline.js'
import { batch } from './testdata/rig.js'

const graceMs = 60_000

/** What counters were told, and what was logged. */
function createWatch(): {
  readonly instruments: Instruments
  readonly logger: Logger
  readonly counted: unknown[]
  readonly said: string[]
} {
  const counted: unknown[] = []
  const said: string[] = []
  const logger: Logger = {
    debug() {},
    info: (_, text) => said.push(text),
    warn: (_, text) => said.push(text),
    error: (_, text) => said.push(text),
  }
  const instruments: Instruments = {
    counter:
      ({ name }) =>
      (value: number, labels: InstrumentLabels) => {
        if (labels['reason'] !== undefined) counted.push({ name, value, ...labels })
      },
    gauge: () => () => {},
    beforeCollect: () => () => {},
  }
  return { instruments, logger, counted, said }
}

describe('a sink that is taken out', () => {
  it('leaves its samples in the spool, gets them when it comes back, and loses them, counted, when it does not', async () => {
    const clock = new ManualClock()
    const { instruments, logger, counted, said } = createWatch()
    const spool = createDiskSpool({ dir: '/spool', fileSystem: new FakeDisk(), clock, minFreeBytes: 0, unusedGraceMs: graceMs })
    const gone = createMemorySink({ name: 'gone', otherwise: { status: 'retryable', error: new Error('down') } })
    const stays = { sink: createMemorySink({ name: 'stays' }) }
    const pipeline: Pipeline = createPipeline({ name: 'p', spool, sinks: [{ sink: gone }, stays], instruments, logger })
    const dropped: PipelineEventMap['dropped'][0][] = []
    pipeline.events.on('dropped', (event) => dropped.push(event))
    await pipeline.write(batch('a', [1, 2]))
    await pipeline.apply({ sinks: [stays] })
    expect(said.filter((text) => text.includes('taken out'))).toEqual([
      'sink gone was taken out; 2 samples stay in the spool for a while, should it come back.',
    ])

    const back = { sink: createMemorySink({ name: 'gone', otherwise: { status: 'retryable', error: new Error('down') } }) }
    await pipeline.apply({ sinks: [stays, back] })
    expect(pipeline.accounts().sinks['gone']?.recovered.samples).toBe(2)
    await pipeline.apply({ sinks: [stays] })

    for (let i = 0; i < 160; i++) {
      clock.advance(500)
      await settle()
    }
    const counts = { samples: 2, histograms: 0, exemplars: 0 }
    expect(dropped).toEqual([{ sink: 'gone', reason: 'removed', counts }])
    expect(counted).toEqual([
      { name: 'dropped_samples_total', value: 2, pipeline: 'p', stage: 'delivery', sink: 'gone', reason: 'removed' },
    ])
    await pipeline.close()
  })
})
