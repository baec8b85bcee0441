import { type Clock, createHttpClient, type HttpClient, isPromlineError, PromlineError, toError, userAgent } from '@promline/core'
import { unlessAborted } from '../unless-aborted.js'
import { type JsonValue, parseExactJson } from './exact-json.js'
import { JsonRecord } from './json-record.js'
import type { NatsTarget } from './nats-options.js'

/** What a server calls itself. */
export interface NatsIdentity {
  readonly id: string
  readonly name: string
}

/** Options of `NatsMonitor`. */
export interface NatsMonitorOptions {
  readonly target: Required<NatsTarget>
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  /** A server that was replaced is known by its new name after this. */
  readonly identityMaxAgeMs: number
  readonly clock: Clock
}

/** The monitoring endpoints of one server. https://docs.nats.io/running-a-nats-service/nats_admin/monitoring */
export class NatsMonitor {
  readonly #options: NatsMonitorOptions
  readonly #client: HttpClient
  #identity: { readonly atMs: number; readonly identity: Promise<NatsIdentity> } | undefined
  #lastIdentity: NatsIdentity | undefined
  /** Ends what nobody else does: the question for the identity is no caller's own. */
  readonly #closing = new AbortController()

  constructor(options: NatsMonitorOptions) {
    this.#options = options
    this.#client = createHttpClient({ ...options.target.http, userAgent })
  }

  /** The identity that was learned last, also when the server is gone. */
  get lastIdentity(): NatsIdentity | undefined {
    return this.#lastIdentity
  }

  /**
   * The JSON at a path. Rejects with a PromlineError that names the URL: `status` where the answer is no success (with `anyStatus` it is
   * read all the same), `parse` where it is no JSON, `limit`, and what the HTTP client rejects with.
   */
  async get(
    path: string,
    { signal, anyStatus = false }: { readonly signal: AbortSignal; readonly anyStatus?: boolean },
  ): Promise<JsonValue> {
    const { target, timeoutMs, maxBodyBytes } = this.#options
    const url = `${target.url}${path}`
    const { status, body } = await this.#client.request({ method: 'GET', url, timeoutMs, maxBodyBytes, signal })
    const isRefused = status !== 200 && !anyStatus
    if (isRefused) throw new PromlineError('status', `${url}: answered with status ${status}`, { facts: { url, status } })
    try {
      return parseExactJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())
    } catch (thrown) {
      const { message } = toError(thrown)
      throw new PromlineError(isPromlineError(thrown, 'limit') ? 'limit' : 'parse', `${url}: ${message}`, { cause: thrown, facts: { url } })
    }
  }

  /** `/varz`, and with it the server's identity. */
  async varz(signal: AbortSignal): Promise<JsonValue> {
    const varz = await this.get('/varz', { signal })
    this.#learn(varz)
    return varz
  }

  /**
   * What the server calls itself: asked for once for all endpoints, and again when it may have been replaced. Where the signal aborts, its
   * reason is the error; the others go on waiting.
   */
  identity(signal: AbortSignal): Promise<NatsIdentity> {
    return unlessAborted(this.#sharedIdentity(), signal)
  }

  /** Lets go of connections, when all that was asked has ended: what asks for the identity is ended here. */
  close(): Promise<void> {
    this.#closing.abort()
    return this.#client.close()
  }

  #sharedIdentity(): Promise<NatsIdentity> {
    const { clock, identityMaxAgeMs } = this.#options
    const known = this.#identity
    if (known !== undefined && clock.monotonicMs() - known.atMs < identityMaxAgeMs) return known.identity
    const varz = this.get('/varz', { signal: this.#closing.signal })
    const asked = { atMs: clock.monotonicMs(), identity: varz.then((json) => this.#learn(json)) }
    this.#identity = asked
    asked.identity.catch(() => {
      if (this.#identity === asked) this.#identity = undefined
    })
    return asked.identity
  }

  #learn(varz: JsonValue): NatsIdentity {
    const record = new JsonRecord(varz, '/varz')
    const identity = { id: record.text('server_id'), name: record.text('server_name') }
    this.#lastIdentity = identity
    this.#identity = { atMs: this.#options.clock.monotonicMs(), identity: Promise.resolve(identity) }
    return identity
  }
}
