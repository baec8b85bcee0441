import type { LedgerKind } from '../delivery/sink-ledger.js'
import type { Counts } from '../model/batch.js'
import type { Dropped } from '../model/flow.js'
import type { InstrumentLabels, Instruments } from '../model/instruments.js'
import { samplesIn } from './accounts.js'
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

type GaugeOfSinks = <Sink extends { readonly name: string }>(sinks: readonly Sink[], amountOf: (sink: Sink) => number) => void

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
    const pipeline = this.#pipeline
    const ofPipeline = (name: string, help: string): ((value: number) => void) => {
      const set = this.#instruments.gauge({ name, help, labelNames: ['pipeline'] })
      return (value) => set(value, { pipeline })
    }
    const bytes = ofPipeline('spool_bytes', 'Bytes of the spool.')
    const maxBytes = ofPipeline('spool_max_bytes', 'The cap of the spool: bytes that may wait for each sink.')
    const syncFailures = ofPipeline('spool_sync_failures', 'Times that the disk refused to keep what was written, since the start.')
    const damaged = ofPipeline('spool_damaged_records', 'Records of the spool that cannot be read, since the start.')
    const unused = this.#gaugeOfSinks('spool_unused_bytes', 'Bytes of the spool that wait for a sink that is gone.')
    const stage = { stage: 'delivery' }
    const spooled = this.#gaugeOfSinks('spooled_samples', 'Samples and native histograms in the spool that wait for a sink.', stage)
    const inFlight = this.#gaugeOfSinks('in_flight_samples', 'Samples and native histograms in requests that are not settled.', stage)
    const state = this.#gaugeOfSinks('sink_state', '0 healthy, 1 retrying, 2 blocked (a person is needed).')
    const lag = this.#gaugeOfSinks('sink_lag_seconds', 'Age of the oldest batch that a sink has not settled.')
    this.#forget = this.#instruments.beforeCollect(() => {
      const { spool, sinks } = look()
      bytes(spool.bytes)
      // A spool without one says nothing: of 0 every spool would be full.
      if (spool.maxBytes !== undefined) maxBytes(spool.maxBytes)
      syncFailures(spool.syncFailures)
      damaged(spool.damagedRecords)
      unused(spool.unused, (place) => place.bytes)
      spooled(sinks, (sink) => samplesIn(sink.spooled))
      inFlight(sinks, (sink) => samplesIn(sink.inFlight))
      state(sinks, (sink) => stateNumbers[sink.state])
      lag(sinks, (sink) => sink.lagSeconds)
    })
  }

  /** A gauge of each sink that is there. It keeps what it was told: one that was there before and is gone is set to 0. */
  #gaugeOfSinks(name: string, help: string, labels: InstrumentLabels = {}): GaugeOfSinks {
    const pipeline = this.#pipeline
    const set = this.#instruments.gauge({ name, help, labelNames: ['pipeline', ...Object.keys(labels), 'sink'] })
    let before: readonly string[] = []
    return (sinks, amountOf) => {
      for (const sink of before) if (!sinks.some((one) => one.name === sink)) set(0, { pipeline, ...labels, sink })
      for (const sink of sinks) set(amountOf(sink), { pipeline, ...labels, sink: sink.name })
      before = sinks.map((sink) => sink.name)
    }
  }

  stop(): void {
    this.#forget()
  }
}
