import type { Batch } from '@promline/core'
import type { Encoded, SendOutcome, Sink } from '@promline/core/delivery'
import { RemoteWriteClient } from './client.js'
import { type RemoteWriteSinkConfig, type RemoteWriteSinkOptions, validateRemoteWriteSinkOptions } from './config.js'
import { encodeBatches } from './encode.js'

/**
 * Sends batches to a receiver of remote write 1.0: Prometheus, VictoriaMetrics, Mimir, Thanos, promline. 2xx is delivered; network errors,
 * 408, 429 and 5xx are retried for ever, as `Retry-After` says; 401, 403, 404, redirects and refused certificates block the sink
 * and keep the data; 413 is halved; other answers go to the dead letter. Throws a PromlineError (`options`).
 * https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
export function createRemoteWriteSink(options: RemoteWriteSinkOptions): Sink<Uint8Array> {
  return new RemoteWriteSink(validateRemoteWriteSinkOptions(options))
}

class RemoteWriteSink implements Sink<Uint8Array> {
  readonly name: string
  readonly maxBodyBytes: number
  readonly #config: RemoteWriteSinkConfig
  readonly #client: RemoteWriteClient

  constructor(config: RemoteWriteSinkConfig) {
    this.name = config.name
    this.maxBodyBytes = config.maxBodyBytes
    this.#config = config
    this.#client = new RemoteWriteClient(config)
  }

  encode(batches: readonly Batch[]): readonly Encoded<Uint8Array>[] {
    return [encodeBatches(batches, this.#config)]
  }

  send(body: Uint8Array, options: { readonly signal: AbortSignal; readonly attempt: number }): Promise<SendOutcome> {
    return this.#client.send(body, { signal: options.signal, retries: options.attempt })
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}
