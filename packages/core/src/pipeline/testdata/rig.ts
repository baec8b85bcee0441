import { type Batch, type Counts, type Origin, totalOf } from '../../model/batch.js'
import type { Ack } from '../../model/flow.js'
import { batchOf, samplesOf } from '../../model/samples.js'
import type { DeadLetter } from '../../delivery/sink.js'
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.js'
import { createPipeline } from '../create-pipeline.js'
import type { Pipeline, PipelineOptions, SinkSetup } from '../pipeline.js'
import { DoubleSpool, type DoubleSpoolOptions } from './double-spool.js'

/** A batch of series `m{i="0"}`, `m{i="1"}`, ... of one target at one time. */
export function batch(id: string, values: readonly number[], options: Partial<Origin> & { timestampMs?: number } = {}): Batch {
  const { timestampMs = 1_000, ...origin } = options
  const samples = values.map((value, i) => ({ labels: { __name__: 'm', i: String(i) }, value, timestampMs }))
  return batchOf(samples, { kind: 'target', id, ...origin })
}

/** The values of batches, in order. */
export function valuesOf(batches: readonly Batch[]): number[] {
  return batches.flatMap((one) => [...samplesOf(one)].map((sample) => sample.value))
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

/** A dead letter that keeps what is written to it. */
export class MemoryDeadLetter implements DeadLetter {
  readonly letters: { readonly values: number[]; readonly origin: string; readonly sink: string; readonly reason: string; readonly message: string }[] =
    []
  /** Writes are refused while it is set. */
  failure: Error | undefined
  attempts = 0
  closed = 0

  async write(written: Batch, reason: Parameters<DeadLetter['write']>[1]): Promise<void> {
    this.attempts++
    if (this.failure !== undefined) throw this.failure
    this.letters.push({ values: valuesOf([written]), origin: written.origin.id, ...reason })
  }

  async close(): Promise<void> {
    this.closed++
  }
}

export interface Rig {
  readonly clock: FakeClock
  readonly spool: DoubleSpool
  readonly pipeline: Pipeline
  /** Writes without waiting for more than the spool. */
  readonly write: (batch: Batch) => Promise<Ack>
  /** The accounts of a sink in total samples, without what is zero. Throws where they do not balance. */
  readonly accounts: (sink?: string) => Record<string, number>
  /** Does something while time goes on. */
  readonly during: <T>(work: Promise<T>) => Promise<T>
}

/** A pipeline on a double spool and a fake clock. Jitter is the middle of its range. */
export function startRig(
  sinks: SinkSetup | readonly SinkSetup[],
  options: Partial<PipelineOptions> & { readonly spoolOptions?: Partial<DoubleSpoolOptions>; readonly fakeClock?: FakeClock } = {},
): Rig {
  const { spoolOptions, fakeClock, ...rest } = options
  const clock = fakeClock ?? createFakeClock()
  const spool = new DoubleSpool({ clock, ...spoolOptions })
  const setups = Array.isArray(sinks) ? sinks : [sinks]
  const pipeline = createPipeline({ name: 'p', spool, sinks: setups, clock, random: () => 0.5, ...rest })
  return {
    clock,
    spool,
    pipeline,
    write: (written) => pipeline.write(written),
    accounts: (sink = 'memory') => flat(pipeline, sink),
    async during(work) {
      let done = false
      const finish = work.finally(() => {
        done = true
      })
      finish.catch(() => {})
      await clock.advanceUntil(() => done)
      return await finish
    },
  }
}

function flat(pipeline: Pipeline, sink: string): Record<string, number> {
  const all = pipeline.accounts()
  const accounts = all.sinks[sink]
  if (accounts === undefined) throw new Error(`no sink ${sink}`)
  if (!all.balanced) throw new Error(`not balanced: ${JSON.stringify(all)}`)
  const { recovered, in: entered, delivered, spooled, inFlight } = accounts
  const named: Record<string, Counts> = { recovered, in: entered, delivered, spooled, inFlight }
  for (const [reason, counts] of Object.entries(accounts.rejected)) named[`rejected ${reason}`] = counts
  for (const [reason, counts] of Object.entries(accounts.dropped)) named[`dropped ${reason}`] = counts
  return Object.fromEntries(
    Object.entries(named)
      .map(([name, counts]) => [name, totalOf(counts)] as const)
      .filter(([, total]) => total !== 0),
  )
}
