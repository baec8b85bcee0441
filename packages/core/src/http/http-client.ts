import { PromlineError } from '../model/errors.js'
import { ConsumerError } from './body-sink.js'
import { translateClientError } from './client-errors.js'
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './client-options.js'
import { defaultConnectTimeoutMs } from './connect-limit.js'
import { Deadline } from './deadline.js'
import { RawTransport } from './raw/raw-transport.js'
import { firstHop, type Hop } from './redirect.js'
import { RequestHeaders } from './request-headers.js'
import { ResponseBody } from './response-body.js'
import type { Transport } from './transport.js'
import { validateHttpClientOptions } from './validate-client-options.js'

/** As in Go's client. */
const maxRedirects = 10

/** What came of a hop. */
interface Answer {
  readonly response: HttpResponse
  /** Where it leads, where that is followed. */
  readonly next: Hop | undefined
}

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
  #raw: RawTransport | undefined
  #undici: Promise<Transport> | undefined
  #closed = false
  /** Requests under way. */
  #active = 0
  #onDrained: () => void = () => {}

  constructor(options: HttpClientOptions & { readonly userAgent: string }) {
    this.#options = options
    this.#headers = new RequestHeaders(options)
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    if (this.#closed) throw new PromlineError('closed', 'the HTTP client is closed')
    this.#active++
    try {
      const hop = firstHop(request.url)
      const transport = this.#transportTo(hop.url)
      if (transport instanceof Promise) await transport // loading it is not on the peer's time
      return await this.#follow(request, hop)
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

  async #follow(request: HttpRequest, first: Hop): Promise<HttpResponse> {
    const deadline = new Deadline(request.timeoutMs, request.signal)
    try {
      let hop = first
      for (let redirects = 0; ; redirects++) {
        const { response, next } = await this.#exchange(request, hop, deadline)
        if (next === undefined) return response
        if (redirects === maxRedirects) throw new PromlineError('protocol', `more than ${maxRedirects} redirects`)
        hop = next
      }
    } finally {
      deadline.release()
    }
  }

  async #exchange(request: HttpRequest, hop: Hop, deadline: Deadline): Promise<Answer> {
    const made = this.#headers.of(request, hop)
    const headers = made instanceof Promise ? await deadline.race(made) : made
    const found = this.#transportTo(hop.url)
    const transport = found instanceof Promise ? await deadline.race(found) : found
    if (deadline.error !== undefined) throw deadline.error
    const follows = this.#options.followRedirects === true && request.body === undefined
    const body = new ResponseBody(request, follows ? hop : undefined)
    try {
      await transport.exchange({ ...hop, method: request.method, headers, body: request.body }, body, deadline)
      const rest = body.end()
      if (rest !== undefined) await deadline.race(rest)
    } catch (error) {
      body.abort()
      throw error
    }
    return { response: body.response(), next: body.next }
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
