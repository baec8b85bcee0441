import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import {
  Deadline,
  decodeUtf8,
  loadTlsOptions,
  PromlineError,
  readSecret,
  type SecretSource,
  type TlsConfig,
  translateClientError,
  userAgent,
} from '@promline/core'
import type { HttpError, Transport } from '@influxdata/influxdb-client'
import { gzipThresholdBytes } from './http-writer.js'
import type { LineAnswer, LineWriter } from './line-writer.js'

export interface InfluxClientWriterOptions {
  readonly url: string
  readonly org: string
  readonly bucket: string
  readonly token?: SecretSource
  readonly tls?: TlsConfig
  readonly gzip: boolean
  readonly timeoutMs: number
}

/**
 * Writes to InfluxDB 2.x by the transport of @influxdata/influxdb-client, a peer dependency that is loaded by the first write. Its WriteApi
 * is not used: it buffers, drops and retries by itself, resolves before a batch is stored, and reads Retry-After as milliseconds.
 */
export function influxClientWriter(options: InfluxClientWriterOptions): LineWriter {
  return new InfluxClientWriter(options)
}

interface Connection {
  readonly transport: Transport
  readonly agent: HttpAgent
}

class InfluxClientWriter implements LineWriter {
  readonly #options: InfluxClientWriterOptions
  readonly #path: string
  #connection: Promise<Connection> | undefined

  constructor(options: InfluxClientWriterOptions) {
    this.#options = options
    this.#path = `/api/v2/write?${new URLSearchParams({ org: options.org, bucket: options.bucket, precision: 'ns' }).toString()}`
  }

  async write(lines: Uint8Array, options: { readonly signal: AbortSignal }): Promise<LineAnswer> {
    const deadline = new Deadline(this.#options.timeoutMs, options.signal)
    try {
      deadline.signal.throwIfAborted()
      this.#connection ??= this.#connect()
      const { transport } = await deadline.race(this.#connection)
      const authorization = await this.#authorization()
      deadline.phase = () => 'waiting for the answer'
      return await deadline.race(this.#send(transport, decodeUtf8(lines), { authorization, signal: deadline.signal }))
    } catch (error) {
      const translated = translateClientError(error, this.#options.url)
      // A certificate that was exchanged on the disk is read by the next attempt.
      if (translated.code === 'tls' || translated.code === 'options') await this.close()
      throw translated
    } finally {
      deadline.release()
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    this.#connection = undefined
    connection?.agent.destroy()
  }

  #send(
    transport: Transport,
    text: string,
    { authorization, signal }: { readonly authorization: string | undefined; readonly signal: AbortSignal },
  ): Promise<LineAnswer> {
    const headers = { 'content-type': 'text/plain; charset=utf-8', ...(authorization !== undefined && { authorization }) }
    const gzip = this.#options.gzip ? { gzipThreshold: gzipThresholdBytes } : {}
    return new Promise((resolve, reject) => {
      let answer: LineAnswer = { status: 204, body: '' }
      transport.send(
        this.#path,
        text,
        { method: 'POST', headers, signal, ...gzip },
        {
          responseStarted: ({ 'content-type': contentType }, status = answer.status) => {
            answer = { ...answer, status, ...(typeof contentType === 'string' && { contentType }) }
          },
          next: () => true,
          complete: () => resolve(answer),
          // The client's error for every status from 300.
          error: (error) => (isHttpError(error) ? resolve(toAnswer(error)) : reject(error)),
        },
      )
    })
  }

  async #connect(): Promise<Connection> {
    const { InfluxDB } = await loadClient()
    const { url, tls, timeoutMs } = this.#options
    const agentOptions = { keepAlive: true, ...(tls !== undefined && (await loadTlsOptions(tls))) }
    const agent = url.startsWith('https:') ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
    const { transport } = new InfluxDB({
      // The client warns on the console about this path.
      url: url.replace(/\/api\/v2\/?$/, ''),
      timeout: timeoutMs,
      headers: { 'user-agent': userAgent },
      transportOptions: { agent },
    })
    return { transport, agent }
  }

  async #authorization(): Promise<string | undefined> {
    const { token } = this.#options
    return token === undefined ? undefined : `Token ${await readSecret(token)}`
  }
}

async function loadClient(): Promise<typeof import('@influxdata/influxdb-client')> {
  try {
    return await import('@influxdata/influxdb-client')
  } catch (error) {
    throw new PromlineError('options', '@influxdata/influxdb-client is not installed: npm install @influxdata/influxdb-client', {
      cause: error,
    })
  }
}

function isHttpError(error: Error): error is HttpError {
  return error.name === 'HttpError' && 'statusCode' in error
}

function toAnswer(error: HttpError): LineAnswer {
  const retryAfter = error.headers?.['retry-after']
  return { status: error.statusCode, body: error.body ?? '', ...(typeof retryAfter === 'string' && { retryAfter }) }
}
