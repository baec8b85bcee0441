import { PromlineError } from '../model/errors.js'
import { ConsumerError } from './body-sink.js'
import { translateClientError } from './client-errors.js'
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './client-options.js'
import { defaultConnectTimeoutMs } from './connect-limit.js'
import { Deadline } from './deadline.js'
import { RawTransport } from './raw/raw-transport.js'
import type { Hop } from './redirect.js'
import { RequestHeaders } from './request-headers.js'
import { type RequestPlan, RequestPlans } from './request-plan.js'
import { ResponseBody } from './response-body.js'
import type { Transport, WireRequest } from './transport.js'
import { validateHttpClientOptions } from './validate-client-options.js'

/** As in Go's client. */
const maxRedirects = 10

/**
 * A client whose connections are kept alive. Redirects are followed only where `followRedirects` says so and the request has no body;
 * credentials and configured headers stay with the first origin. Throws a PromlineError (`options`) for options that contradict.
 */
export function createHttpClient(options: HttpClientOptions & { readonly userAgent: string }): HttpClient {
  validateHttpClientOptions(options)
  return new PolicyClient(options)
}

/** Deadlines, redirects, credentials and limits; the bytes are the transports'. */
class PolicyClient implements HttpClient {
  readonly #options: HttpClientOptions
  readonly #headers: RequestHeaders
  readonly #plans: RequestPlans
  #raw: RawTransport | undefined
  #undici: Promise<Transport> | undefined
  #closed = false
  /** Requests under way. */
  #active = 0
  #onDrained: () => void = () => {}

  constructor(options: HttpClientOptions & { readonly userAgent: string }) {
    this.#options = options
    this.#headers = new RequestHeaders(options)
    this.#plans = new RequestPlans(this.#headers)
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    if (this.#closed) throw new PromlineError('closed', 'the HTTP client is closed')
    this.#active++
    try {
      const plan = this.#plans.of(request)
      const transport = this.#transportTo(plan.hop.url)
      if (transport instanceof Promise) await transport // loading it is not on the peer's time
      return await this.#follow(request, plan)
    } catch (error) {
      throw error instanceof ConsumerError ? error.thrown : translateClientError(error, request.url)
    } finally {
      if (--this.#active === 0) this.#onDrained()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#active > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve))
    const undici = await this.#undici?.catch(() => undefined) // what was not loaded has nothing to close
    await Promise.all([this.#raw?.close(), undici?.close()])
  }

  async #follow(request: HttpRequest, first: RequestPlan): Promise<HttpResponse> {
    const deadline = new Deadline(request.timeoutMs, request.signal)
    try {
      let plan = first
      for (let redirects = 0; ; redirects++) {
        const answer = await this.#exchange(request, plan, deadline)
        if (answer.next === undefined) return answer.response()
        if (redirects === maxRedirects) throw new PromlineError('protocol', `more than ${maxRedirects} redirects`)
        plan = { hop: answer.next, wire: undefined }
      }
    } finally {
      deadline.release()
    }
  }

  /** One hop. Resolves when all of its answer was received. */
  async #exchange(request: HttpRequest, { hop, wire: planned }: RequestPlan, deadline: Deadline): Promise<ResponseBody> {
    const made = planned ?? this.#wireOf(request, hop)
    const wire = made instanceof Promise ? await deadline.race(made) : made
    const found = this.#transportTo(hop.url)
    const transport = found instanceof Promise ? await deadline.race(found) : found
    if (deadline.error !== undefined) throw deadline.error
    const follows = this.#options.followRedirects === true && request.body === undefined
    const body = new ResponseBody(request, follows ? hop : undefined)
    try {
      await transport.exchange(wire, body, deadline)
      const rest = body.end()
      if (rest !== undefined) await deadline.race(rest)
    } catch (error) {
      body.abort()
      throw error
    }
    return body
  }

  /** A promise only where a file of credentials has to be read. */
  #wireOf({ method, headers: own, body }: HttpRequest, hop: Hop): WireRequest | Promise<WireRequest> {
    const headers = this.#headers.of(own, hop)
    if (headers instanceof Promise) return headers.then((made) => ({ ...hop, method, headers: made, body }))
    return { ...hop, method, headers, body }
  }

  get #connectTimeoutMs(): number {
    return this.#options.connectTimeoutMs ?? defaultConnectTimeoutMs
  }

  /** A promise where it has to be loaded first. */
  #transportTo(url: URL): Transport | Promise<Transport> {
    return url.protocol === 'http:' && this.#options.rawHttp !== false ? this.#rawTransport() : this.#undiciTransport()
  }

  #rawTransport(): Transport {
    this.#raw ??= new RawTransport(this.#connectTimeoutMs)
    return this.#raw
  }

  /** Loaded when it is needed: it takes 0.1 s and 18 MB, and a process that speaks plain HTTP does without. */
  #undiciTransport(): Promise<Transport> {
    const { tls } = this.#options
    this.#undici ??= import('./undici/undici-transport.js').then(({ UndiciTransport }) => new UndiciTransport(this.#connectTimeoutMs, tls))
    return this.#undici
  }
}
