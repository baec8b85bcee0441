import { type Dispatcher, errors, request as undiciRequest } from 'undici'
import { PromlineError } from '../model/errors.js'
import { type AuthorizationReader, createAuthorizationReader } from './authorization.js'
import { translateClientError } from './client-errors.js'
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse, HttpResponseHead } from './client-options.js'
import { BodySink, ConsumerError } from './body-sink.js'
import type { Connector } from './connector.js'
import { Connectors } from './connectors.js'
import { Deadline } from './deadline.js'
import { bodyLimitError, isGzip, readResponseBody } from './response-body.js'
import { validateHttpClientOptions } from './validate-client-options.js'

/** As in Go's client. */
const maxRedirects = 10

/** What goes to one URL: the request itself, or one step of a chain of redirects. */
interface Hop {
  readonly url: URL
  /** False once a redirect has left the first origin; from then on nothing secret is sent, wherever the chain goes. */
  readonly trusted: boolean
  /** Whether a redirect is followed. */
  readonly follows: boolean
}

/** What came of a hop. */
interface Answer {
  readonly response: HttpResponse
  /** Where it leads, where that is followed. */
  readonly next?: Hop
}

/** One request on its way. */
interface Exchange {
  readonly request: HttpRequest
  readonly hop: Hop
  readonly headers: Readonly<Record<string, string>>
  readonly connector: Connector
}

/**
 * A client whose connections are kept alive. Redirects are followed only where `followRedirects` says so and the request has no body;
 * credentials and configured headers stay with the first origin. Throws a PromlineError (`options`) for options that contradict.
 */
export function createHttpClient(options: HttpClientOptions & { readonly userAgent: string }): HttpClient {
  validateHttpClientOptions(options)
  return new UndiciHttpClient(options)
}

class UndiciHttpClient implements HttpClient {
  readonly #options: HttpClientOptions & { readonly userAgent: string }
  readonly #authorization: AuthorizationReader
  readonly #connectors: Connectors
  /** Requests per origin, to know when nobody waits for a connection any more. */
  readonly #waiting = new Map<string, number>()
  #closed = false

  constructor(options: HttpClientOptions & { readonly userAgent: string }) {
    this.#options = options
    this.#authorization = createAuthorizationReader(options)
    this.#connectors = new Connectors(options.tls)
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    if (this.#closed) throw new PromlineError('closed', 'the HTTP client is closed')
    const deadline = new Deadline(request.timeoutMs, request.signal)
    try {
      return await this.#follow(request, deadline)
    } catch (error) {
      throw error instanceof ConsumerError ? error.thrown : translateClientError(error, request.url)
    } finally {
      deadline.release()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#connectors.close()
  }

  async #follow(request: HttpRequest, deadline: Deadline): Promise<HttpResponse> {
    const follows = this.#options.followRedirects === true && request.body === undefined
    let hop: Hop = { url: parseUrl(request.url), trusted: true, follows }
    for (let redirects = 0; ; redirects++) {
      const { response, next } = await this.#exchange(request, hop, deadline)
      if (next === undefined) return response
      if (redirects === maxRedirects) throw new PromlineError('protocol', `more than ${maxRedirects} redirects`)
      hop = next
    }
  }

  async #exchange(request: HttpRequest, hop: Hop, deadline: Deadline): Promise<Answer> {
    const headers = await deadline.race(this.#headers(request, hop))
    const connector = await deadline.race(hop.trusted ? this.#connectors.own() : this.#connectors.foreign())
    const { origin } = hop.url
    this.#waiting.set(origin, (this.#waiting.get(origin) ?? 0) + 1)
    deadline.phase = () => (connector.isConnecting(origin) ? 'connecting' : 'waiting for the answer')
    const send = () => deadline.race(dispatch({ request, hop, headers, connector }, deadline.signal))
    try {
      const response = await send().catch((error: unknown) => {
        if (request.method === 'GET' && isStaleConnection(error)) return send()
        throw error
      })
      deadline.phase = () => 'reading the body'
      return await receive(response, { request, hop }, deadline)
    } finally {
      this.#leave(origin, connector)
    }
  }

  async #headers(request: HttpRequest, hop: Hop): Promise<Record<string, string>> {
    const headers: Record<string, string> = { 'user-agent': this.#options.userAgent, 'accept-encoding': 'gzip' }
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value
    if (!hop.trusted) return headers
    for (const [name, value] of Object.entries(this.#options.headers ?? {})) {
      headers[name.toLowerCase()] = typeof value === 'string' ? value : value.reveal()
    }
    const authorization = await this.#authorization(hop.url)
    return authorization === undefined ? headers : { ...headers, authorization }
  }

  #leave(origin: string, connector: Connector): void {
    const left = (this.#waiting.get(origin) ?? 1) - 1
    if (left > 0) this.#waiting.set(origin, left)
    else {
      this.#waiting.delete(origin)
      connector.abandon(origin)
    }
  }
}

function dispatch(exchange: Exchange, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { request, hop, headers, connector } = exchange
  return undiciRequest(`${hop.url.origin}${hop.url.pathname}${hop.url.search}`, {
    dispatcher: connector.agent,
    method: request.method,
    headers,
    body: request.body ?? null,
    signal,
  })
}

async function receive(
  response: Dispatcher.ResponseData,
  { request, hop }: Pick<Exchange, 'request' | 'hop'>,
  deadline: Deadline,
): Promise<Answer> {
  const maxBytes = request.maxBodyBytes
  try {
    const head = { status: response.statusCode, headers: joinHeaders(response.headers) }
    const length = head.headers['content-length']
    const empty = head.status === 204 || length === '0'
    const gzip = isGzip(head.headers['content-encoding']) && !empty
    if (!gzip && Number(length ?? 0) >= maxBytes) throw bodyLimitError(maxBytes)
    const next = hop.follows ? nextHop(hop, head) : undefined
    const sink = new BodySink(head, next === undefined ? request.consume : undefined)
    await deadline.race(readResponseBody(response.body, { gzip, maxBytes, consumer: (piece) => sink.write(piece) }))
    return { response: { ...head, body: sink.body() }, ...(next !== undefined && { next }) }
  } catch (error) {
    // Whatever made the body useless: the connection goes with it, and what it still says is not an error of its own.
    response.body.on('error', () => {}).destroy()
    throw error
  }
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed !== undefined && (parsed.protocol === 'http:' || parsed.protocol === 'https:')) return parsed
  throw new PromlineError('protocol', 'the URL is not an absolute http or https URL')
}

/** Where a redirect leads; undefined for what is none. */
function nextHop(hop: Hop, response: HttpResponseHead): Hop | undefined {
  const location = response.headers['location']
  if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return undefined
  const url = URL.canParse(location, hop.url.href) ? new URL(location, hop.url) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new PromlineError('protocol', 'the redirect leads to no http or https URL')
  }
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new PromlineError('protocol', `the redirect to ${url.origin} would leave https`)
  }
  return { ...hop, url, trusted: hop.trusted && url.origin === hop.url.origin }
}

/** Whether a kept connection had been closed by the server before it saw the request: worth one more try on a new one. */
function isStaleConnection(error: unknown): boolean {
  return error instanceof errors.SocketError && (error.socket?.bytesRead ?? 0) > 0
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const joined: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return joined
}
