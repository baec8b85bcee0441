import { batchOf, countsOf, createDiskSpool, createPipeline, samplesOf } from '@promline/core'
import { createMemorySink } from '@promline/core/testing'
import { waitFor } from '@promline/servers'
import { afterTest, temporaryFolder } from '../e2e/scope.js'
import { testRow } from './row.js'

const mebibyte = 1024 * 1024
/** What delivery holds in memory is sent although the spool has given it up: here it is little. */
const maxHeldBytes = 64 * 1024
const samplesPerBatch = 500
/** Some four times the cap. */
const batches = 1_000

testRow(
  { row: 24, fault: 'the cap of the spool, policy drop-oldest', must: 'delivered + dropped = accepted, to the sample; the newest arrive' },
  async (figures) => {
    let isDown = true
    const sink = createMemorySink({
      otherwise: () => (isDown ? { status: 'retryable', error: new Error('down') } : { status: 'delivered' }),
    })
    const pipeline = createPipeline({
      name: 'test',
      spool: createDiskSpool({ dir: await temporaryFolder(), maxBytes: mebibyte, minFreeBytes: 0 }),
      sinks: [{ sink, overflow: 'drop-oldest', delivery: { maxBackoffMs: 100, maxHeldBytes } }],
    })
    afterTest(() => pipeline.close({ deadlineMs: 0 }))
    for (let i = 0; i < batches; i++) {
      const samples = Array.from({ length: samplesPerBatch }, (_, series) => ({
        labels: { __name__: 'written', series: `${series}` },
        value: i + series / samplesPerBatch,
        timestampMs: 1_700_000_000_000 + i,
      }))
      await pipeline.write(batchOf(samples, { kind: 'client', id: 'client' }))
    }
    figures.atMost('spool', pipeline.status().sinks[0]!.bytes / mebibyte, { most: 1, unit: 'MiB' })
    isDown = false
    await pipeline.flush()
    const { in: accepted, delivered, dropped, balanced } = pipeline.accounts().sinks['memory']!
    const droppedSamples = Object.values(dropped).reduce((sum, { samples }) => sum + samples, 0)
    const arrived = sink.delivered.reduce((sum, batch) => sum + countsOf(batch).samples, 0)
    figures.count('samples accepted', accepted.samples)
    figures.count('delivered', delivered.samples)
    figures.count('dropped', droppedSamples)
    figures.count('without account', Math.abs(accepted.samples - arrived - droppedSamples), { most: 0 })
    const values = new Set(sink.delivered.flatMap((batch) => Array.from(samplesOf(batch), ({ value }) => Math.floor(value))))
    if (!values.has(batches - 1)) figures.failed(new Error('the newest batch did not arrive'))
    if (!balanced || droppedSamples === 0) figures.failed(new Error(`dropped ${droppedSamples}, balanced ${balanced}`))
    await waitFor('end of sends', () => sink.inFlight === 0)
  },
)
