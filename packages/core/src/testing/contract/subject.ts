import type { Sink } from '../../delivery/sink.js'

/** A sample as the destination understands it, and as the suite writes it. */
export interface ReceivedSample {
  /** `__name__` among them. */
  readonly labels: Readonly<Record<string, string>>
  /** NaN where stale. */
  readonly value: number
  readonly timestampMs: number
  /** A staleness marker. */
  readonly stale?: boolean
}

/** One request, decoded by the author's fake. */
export interface ReceivedRequest {
  readonly samples: readonly ReceivedSample[]
  /** As it came: a retry must bring the same again. Absent: its samples are compared. */
  readonly bytes?: Uint8Array
}

/**
 * What the fake is to do with a request.
 * - `delivered`: it is stored, and the sink is told so
 * - `retryable`: nothing is stored; a failure that passes (503). With `retryAfterMs` the fake asks to be left alone so long (whole seconds)
 * - `lost`: it is stored, and the connection breaks before the sink is told
 * - `rejected`: nothing is stored; what the request says is refused for good (400)
 * - `partial`: the `refused` samples are refused for good, the others are stored
 * - `too-large`: nothing is stored; a smaller request would be taken (413)
 * - `blocked`: nothing is stored; a person has to mend something (401)
 * - `hang`: nothing is stored, and nothing is ever answered
 */
export interface DestinationAnswer {
  readonly status: 'delivered' | 'retryable' | 'lost' | 'rejected' | 'partial' | 'too-large' | 'blocked' | 'hang'
  readonly retryAfterMs?: number
  readonly refused?: readonly ReceivedSample[]
}

/** The suite behind the author's fake: it keeps what arrives, and knows what to say. */
export interface Destination {
  /** For every request, with what it holds; the fake then does as told. The answer may take a while. */
  receive(request: ReceivedRequest): Promise<DestinationAnswer>
}

/**
 * What a destination, or a sink, can do that others cannot.
 * - all statuses of `DestinationAnswer` but `delivered`; `retry-after`: `retryable` with a time
 * - `parts`: it divides what it is given into parts that are sent apart
 * - `concurrency`: more than one send may be outstanding
 * - `same-bytes`: the same batches are always the same bytes, not only the same samples
 */
export type Ability = Exclude<DestinationAnswer['status'], 'delivered'> | 'retry-after' | 'parts' | 'concurrency' | 'same-bytes'

/** A sink and its fake destination, made anew for each case. */
export interface SinkContractBench {
  readonly sink: Sink<unknown>
  /** Called after the sink was closed, or failed to close. */
  close(): Promise<void>
}

/** A sink under test. */
export interface SinkContractSubject {
  /** Starts a fake that asks `destination` about every request, and a sink that sends to it. The sink's name must be the same each time. */
  open(destination: Destination): Promise<SinkContractBench>
  /** What this sink, or its destination, cannot do, and why not, in words: the cases about it do not apply, and say so. */
  readonly lacks?: Readonly<Partial<Record<Ability, string>>>
  /** Whether a `rejected` request of one origin is divided until the samples concerned are found. Default false: it goes as a whole. */
  readonly divisible?: boolean
  /**
   * What the destination gets of a sample: without a digit of its timestamp, under another name. Undefined: the format cannot carry it, and
   * `encode` says so in `dropped`. Default: the sample, unaltered.
   */
  carries?(sample: ReceivedSample): ReceivedSample | undefined
}
