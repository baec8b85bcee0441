import type { IncomingMessage } from 'node:http'
import {
  type Clock,
  type Consume,
  type Credential,
  type Instruments,
  type Logger,
  noInstruments,
  type Origin,
  PromlineError,
  silentLogger,
  systemClock,
  validateCredential,
} from '@promline/core'
import { type ClientConfig, type RemoteWriteClient, validateClients } from './clients.js'
import { type SnappyCodec, snappyCodec } from '../snappy/snappy-codec.js'
import type { DecodeOptions } from '../v1/decode.js'

/** As in Prometheus and VictoriaMetrics, for the body as it comes and once decompressed. */
const defaultMaxBodyBytes = 32 * 1024 * 1024
/** Four of the largest requests at one time, compressed and decompressed. */
const defaultMaxPendingBytes = 256 * 1024 * 1024
/** Below the 30 s after which Prometheus gives an attempt up: it should hear that it must come again. */
const defaultWriteTimeoutMs = 25_000
const defaultReadTimeoutMs = 30_000
/** Prometheus' own longest back-off. */
const defaultRetryAfterSeconds = 5
/** As Prometheus' receiver. */
const defaultMaxFutureMs = 10 * 60_000

export interface RemoteWriteReceiverOptions {
  /** Says in logs and metrics which receiver it is. Default `remote-write-receiver`. */
  readonly name?: string
  /** Largest body as it comes over the wire; larger ones get 413. Default 32 MiB. */
  readonly maxBodyBytes?: number
  /** Largest body once decompressed, checked before anything is allocated; larger ones get 400. Default 32 MiB. */
  readonly maxDecodedBytes?: number
  /** Bytes of all requests under way, as they came and decompressed; above it new ones get 503. One is always let in. Default 256 MiB. */
  readonly maxPendingBytes?: number
  /** A body that has not come by then gets 408. Default 30,000. */
  readonly readTimeoutMs?: number
  /** A request that was not taken by then (the spool is full) gets 503. Default 25,000. */
  readonly writeTimeoutMs?: number
  /** What `Retry-After` says with 503. Default 5. */
  readonly retryAfterSeconds?: number
  /** Samples further ahead of this machine's clock get 400. Default 600,000; 0 takes them all. */
  readonly maxFutureMs?: number
  /** Limits of a series' labels. Default: 1,024 labels of together 512 KiB. */
  readonly labels?: DecodeOptions
  /**
   * Who may write, by basic authentication (a password, its bcrypt hash, or a file) or a bearer token. With neither these nor `clients`,
   * everybody may.
   */
  readonly credentials?: readonly Credential[]
  /** Who may write as whom: each with credentials of its own, and labels that its series get whatever it says. */
  readonly clients?: readonly RemoteWriteClient[]
  /**
   * Where a request comes from that is of none of the `clients`. Default: the name of its credential, else the peer's address without its
   * port. It must survive a reconnect: the order of samples hangs on it. Behind a proxy, give one that reads the proxy's header.
   */
  readonly originOf?: (request: IncomingMessage) => Origin
  /** Default snappyjs. */
  readonly snappy?: SnappyCodec
  readonly logger?: Logger
  readonly instruments?: Instruments
  readonly clock?: Clock
}

export interface RemoteWriteHandlerOptions extends RemoteWriteReceiverOptions {
  /** Takes the batches; a request is answered once it has. */
  readonly consume: Consume
}

/** Complete and checked options. */
export interface ReceiverConfig extends Required<Omit<RemoteWriteReceiverOptions, 'originOf' | 'clients'>> {
  readonly clients: readonly ClientConfig[]
  readonly originOf: ((request: IncomingMessage) => Origin) | undefined
}

/** Completes the options. Throws a PromlineError (`options`) that names the option. */
export function validateReceiverOptions(options: RemoteWriteReceiverOptions): ReceiverConfig {
  const maxPendingBytes = options.maxPendingBytes ?? defaultMaxPendingBytes
  const config: ReceiverConfig = {
    name: options.name ?? 'remote-write-receiver',
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    maxDecodedBytes: options.maxDecodedBytes ?? defaultMaxBodyBytes,
    maxPendingBytes,
    readTimeoutMs: options.readTimeoutMs ?? defaultReadTimeoutMs,
    writeTimeoutMs: options.writeTimeoutMs ?? defaultWriteTimeoutMs,
    retryAfterSeconds: options.retryAfterSeconds ?? defaultRetryAfterSeconds,
    maxFutureMs: options.maxFutureMs ?? defaultMaxFutureMs,
    labels: options.labels ?? {},
    credentials: options.credentials ?? [],
    clients:
      options.clients === undefined ? [] : validateClients(options.clients, { maxPendingBytes, credentials: options.credentials ?? [] }),
    originOf: options.originOf,
    snappy: options.snappy ?? snappyCodec,
    logger: options.logger ?? silentLogger,
    instruments: options.instruments ?? noInstruments,
    clock: options.clock ?? systemClock,
  }
  for (const option of [
    'maxBodyBytes',
    'maxDecodedBytes',
    'maxPendingBytes',
    'readTimeoutMs',
    'writeTimeoutMs',
    'retryAfterSeconds',
  ] as const) {
    assertInteger(option, config[option], 1)
  }
  assertInteger('maxFutureMs', config.maxFutureMs, 0)
  for (const credential of config.credentials) validateCredential(credential)
  return config
}

function assertInteger(option: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return
  throw new PromlineError('options', `remote-write receiver: ${option}: ${value} must be an integer of at least ${min}`, {
    facts: { option },
  })
}
