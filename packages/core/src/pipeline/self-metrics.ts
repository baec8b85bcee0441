import type { LedgerKind } from '../delivery/sink-ledger.js'
import type { Counts } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import type { InstrumentLabels, Instruments } from '../model/instruments.js'
import { samplesIn } from './accounts.js'
import type { UnusedPlace } from '../spool/spool.js'
import type { PipelineStatus, SinkStatus } from './pipeline.js'

/** How a state reads as a number. */
const stateNumbers: Readonly<Record<SinkStatus['state'], number>> = { healthy: 0, retrying: 1, blocked: 2 }

const helps: Readonly<Record<LedgerKind, string>> = {
  in: 'Samples and native histograms that came to a stage: to the pipeline (intake) or to a sink (delivery).',
  delivered: 'Samples and native histograms that a sink delivered.',
  rejected: 'Samples and native histograms that were refused for good by a server (delivery), or not taken at all (intake).',
  dropped: 'Samples and native histograms that were left out by design, by reason.',
  recovered: 'Samples and native histograms that lay in the spool for a sink when it was opened.',
}

/** The metrics of one pipeline. A stage is `intake`, before the spool, or `delivery`, behind it; the accounts balance at each. */
export class SelfMetrics {
  readonly #pipeline: string
  readonly #instruments: Instruments
  readonly #accounts: Readonly<Record<LedgerKind, ReturnType<Instruments['counter']>>>
  readonly #retries: ReturnType<Instruments['counter']>
  /** Every batch is counted with these. */
  readonly #intakeLabels: InstrumentLabels
  readonly #deliveryLabels = new Map<string, InstrumentLabels>()
  #forget: () => void = () => {}

  constructor(pipeline: string, instruments: Instruments) {
    this.#pipeline = pipeline
    this.#instruments = instruments
    this.#intakeLabels = Object.freeze({ pipeline, stage: 'intake', sink: '' })
    const account = (kind: LedgerKind): ReturnType<Instruments['counter']> => {
      const labelNames = kind === 'rejected' || kind === 'dropped' ? ['pipeline', 'stage', 'sink', 'reason'] : ['pipeline', 'stage', 'sink']
      return instruments.counter({ name: `${kind}_samples_total`, help: helps[kind], labelNames })
    }
    this.#accounts = {
      in: account('in'),
      delivered: account('delivered'),
      rejected: account('rejected'),
      dropped: account('dropped'),
      recovered: account('recovered'),
    }
    this.#retries = instruments.counter({
      name: 'retries_total',
      help: 'Attempts that failed and were made again.',
      labelNames: ['pipeline', 'sink'],
    })
  }

  /** What came in and what was left out before the spool. */
  accepted(spooled: Counts, dropped: readonly Dropped[]): void {
    let samples = samplesIn(spooled)
    for (const { counts } of dropped) samples += samplesIn(counts)
    this.#accounts.in(samples, this.#intakeLabels)
    for (const { reason, counts } of dropped) this.#accounts.dropped(samplesIn(counts), { ...this.#intakeLabels, reason })
  }

  /** What was not taken. */
  refused(counts: Counts, reason: string): void {
    this.#accounts.rejected(samplesIn(counts), { ...this.#intakeLabels, reason })
  }

  booked(sink: string, what: { readonly kind: LedgerKind; readonly counts: Counts; readonly reason?: string }): void {
    const { kind, counts, reason } = what
    const samples = samplesIn(counts)
    if (samples <= 0) return
    const labels = this.#labelsOf(sink)
    this.#accounts[kind](samples, reason === undefined ? labels : { ...labels, reason })
  }

  #labelsOf(sink: string): InstrumentLabels {
    const known = this.#deliveryLabels.get(sink)
    if (known !== undefined) return known
    const labels = Object.freeze({ pipeline: this.#pipeline, stage: 'delivery', sink })
    this.#deliveryLabels.set(sink, labels)
    return labels
  }

  retried(sink: string): void {
    this.#retries(1, { pipeline: this.#pipeline, sink })
  }

  /** Brings the gauges up to date before every collection, until `stop`. */
  watch(look: () => PipelineStatus): void {
    const gauge = (name: string, help: string, labelNames: readonly string[]): ReturnType<Instruments['gauge']> =>
      this.#instruments.gauge({ name, help, labelNames })
    const bySink = ['pipeline', 'sink']
    const byStage = ['pipeline', 'stage', 'sink']
    const spooled = gauge('spooled_samples', 'Samples and native histograms in the spool that wait for a sink.', byStage)
    const inFlight = gauge('in_flight_samples', 'Samples and native histograms in requests that are not settled.', byStage)
    const state = gauge('sink_state', '0 healthy, 1 retrying, 2 blocked (a person is needed).', bySink)
    const lag = gauge('sink_lag_seconds', 'Age of the oldest batch that a sink has not settled.', bySink)
    const bytes = gauge('spool_bytes', 'Bytes of the spool.', ['pipeline'])
    const syncFailures = gauge('spool_sync_failures', 'Times that the disk refused to keep what was written, since the start.', [
      'pipeline',
    ])
    const damaged = gauge('spool_damaged_records', 'Records of the spool that cannot be read, since the start.', ['pipeline'])
    const unused = gauge('spool_unused_bytes', 'Bytes of the spool that wait for a sink that is gone.', bySink)
    let unusedBefore: readonly UnusedPlace[] = []
    this.#forget = this.#instruments.beforeCollect(() => {
      const status = look()
      const pipeline = this.#pipeline
      bytes(status.spool.bytes, { pipeline })
      syncFailures(status.spool.syncFailures, { pipeline })
      damaged(status.spool.damagedRecords, { pipeline })
      // A gauge keeps what it was told: of a place that was given up, or is used again, nothing is left.
      for (const { name } of unusedBefore) unused(0, { pipeline, sink: name })
      unusedBefore = status.spool.unused
      for (const { name, bytes: kept } of unusedBefore) unused(kept, { pipeline, sink: name })
      for (const sink of status.sinks) {
        const labels = { pipeline, sink: sink.name }
        spooled(samplesIn(sink.spooled), { ...labels, stage: 'delivery' })
        inFlight(samplesIn(sink.inFlight), { ...labels, stage: 'delivery' })
        state(stateNumbers[sink.state], labels)
        lag(sink.lagSeconds, labels)
      }
    })
  }

  stop(): void {
    this.#forget()
  }
}
