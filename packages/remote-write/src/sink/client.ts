import {
  blockedReason,
  createHttpClient,
  type HttpClient,
  type HttpResponse,
  isPromlineError,
  PromlineError,
  redactUrl,
  retryAfterMs,
  statusClass,
  toError,
} from '@promline/core'
import type { SendOutcome } from '@promline/core/delivery'
import type { RemoteWriteSinkConfig } from './config.js'

/** Largest answer that is read. What a server says beyond it does not matter, but its status must not be lost to a long page. */
const maxAnswerBytes = 1024 * 1024
/** As much of an error's answer goes into messages. */
const maxQuotedBytes = 256

/** Headers of remote write 1.0. https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol */
const protocolHeaders = {
  'content-encoding': 'snappy',
  'content-type': 'application/x-protobuf',
  'x-prometheus-remote-write-version': '0.1.0',
} as const

/** Sends one request and says what its answer means. */
export class RemoteWriteClient {
  readonly #config: RemoteWriteSinkConfig
  readonly #http: HttpClient
  /**
   * Whether nothing reads a body any more once `send` has resolved: so it is over plain HTTP (see `HttpRequest.body`), whatever the server does;
   * over TLS a body may still be on its way where the server answered before it had read it.
   */
  readonly leavesBodies: boolean

  constructor(config: RemoteWriteSinkConfig) {
    this.#config = config
    this.leavesBodies = new URL(config.url).protocol === 'http:' && config.http.rawHttp !== false
    this.#http = createHttpClient({ ...config.http, userAgent: config.userAgent })
  }

  /** @param retries attempts that were made before with the same body. */
  async send(body: Uint8Array, options: { readonly signal: AbortSignal; readonly retries: number }): Promise<SendOutcome> {
    try {
      const response = await this.#http.request({
        method: 'POST',
        url: this.#config.url,
        headers: options.retries === 0 ? protocolHeaders : { ...protocolHeaders, 'retry-attempt': String(options.retries) },
        body,
        timeoutMs: this.#config.timeoutMs,
        maxBodyBytes: maxAnswerBytes,
        signal: options.signal,
      })
      return this.#outcomeOf(response)
    } catch (thrown) {
      const error = toError(thrown)
      // A certificate or a protocol version does not heal by itself; everything else on the way to a server may.
      return { status: 'retryable', error, ...(isPromlineError(error, 'tls') && { blocked: error.message }) }
    }
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #outcomeOf(response: HttpResponse): SendOutcome {
    const kind = statusClass(response.status)
    if (kind === 'ok') return { status: 'delivered' }
    const error = this.#statusError(response)
    if (kind === 'too-large') return { status: 'rejected', error, cause: 'too-large', divisible: true }
    if (kind === 'invalid') {
      return { status: 'rejected', error, cause: 'invalid', divisible: this.#config.bisectOn400 && response.status === 400 }
    }
    const waitMs = retryAfterMs(response.headers['retry-after'], this.#config.clock.nowMs())
    const blocked = blockedReason(response.status)
    return {
      status: 'retryable',
      error,
      ...(waitMs !== undefined && { retryAfterMs: waitMs }),
      ...(blocked !== undefined && { blocked: `${blocked}: ${error.message}` }),
    }
  }

  #statusError(response: HttpResponse): PromlineError {
    const quoted = quote(response.body)
    const { status } = response
    const message = `${redactUrl(this.#config.url)}: HTTP status ${status}${quoted === '' ? '' : `: ${quoted}`}`
    return new PromlineError('status', message, { facts: { status } })
  }
}

/** The beginning of a server's words, in one line. */
function quote(body: Uint8Array): string {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, maxQuotedBytes)).toString('utf8')
  // A character that the cut divided is left out; line breaks and other controls would break a log's line.
  return text
    .replace(/\ufffd+$/, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}
