/** Values of an instrument's labels, by name. */
export type InstrumentLabels = Readonly<Record<string, string>>

export interface InstrumentOptions {
  /** Without prefix: `in_samples_total`. The adapter adds `promline_`. */
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
}

/** What promline's parts need of a metrics library. An adapter is a dozen lines; see the pipeline example for prom-client's. */
export interface Instruments {
  /** A counter: call with the amount to add. */
  counter(options: InstrumentOptions): (amount: number, labels: InstrumentLabels) => void
  /** A gauge: call with the value to set. */
  gauge(options: InstrumentOptions): (value: number, labels: InstrumentLabels) => void
  /** Registers a callback that brings gauges up to date before a collection; returns what takes it away again. */
  beforeCollect(update: () => void): () => void
}

/** Instruments that count nothing. */
export const noInstruments: Instruments = {
  counter: () => () => {},
  gauge: () => () => {},
  beforeCollect: () => () => {},
}
