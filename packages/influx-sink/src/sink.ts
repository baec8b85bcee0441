import { type Batch, createLineProtocolEncoder, type LineProtocolEncoder } from '@promline/core'
import type { Encoded, SendOutcome, Sink } from '@promline/core/delivery'
import { classifyAnswer, classifyError } from './client.js'
import { type InfluxSinkConfig, type InfluxSinkOptions, validateInfluxSinkOptions } from './config.js'
import { encodeInflux, type InfluxBody } from './encode.js'

/**
 * Writes batches to an InfluxDB database. Delivered means that InfluxDB has stored it; what is sent twice is stored once, since a point of
 * the same series and time replaces the earlier one. Throws a PromlineError `options`.
 */
export function createInfluxSink(options: InfluxSinkOptions): Sink<InfluxBody> {
  return new InfluxSink(validateInfluxSinkOptions(options))
}

class InfluxSink implements Sink<InfluxBody> {
  readonly name: string
  readonly maxBodyBytes: number
  readonly #config: InfluxSinkConfig
  readonly #encoder: LineProtocolEncoder

  constructor(config: InfluxSinkConfig) {
    this.name = config.name
    this.maxBodyBytes = config.maxBodyBytes
    this.#config = config
    this.#encoder = createLineProtocolEncoder({ schema: config.schema, distinctNames: config.distinctNames })
  }

  encode(batches: readonly Batch[]): readonly Encoded<InfluxBody>[] {
    return encodeInflux(batches, { encoder: this.#encoder, database: this.#config.database })
  }

  async send(body: InfluxBody, options: { readonly signal: AbortSignal }): Promise<SendOutcome> {
    const { writer, database, clock } = this.#config
    try {
      const answer = await writer.write(body.lines, options)
      return classifyAnswer(answer, { database, counts: body.counts, nowMs: clock.nowMs() })
    } catch (error) {
      return classifyError(error)
    }
  }

  async close(): Promise<void> {
    await this.#config.writer.close?.()
  }
}
