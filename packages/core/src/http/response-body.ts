import { PromlineError } from '../model/errors.js'
import { BodySink } from './body-sink.js'
import type { HttpRequest, HttpResponse, HttpResponseHead } from './client-options.js'
import { Inflater } from './inflater.js'
import { type Hop, nextHop } from './redirect.js'
import type { ResponseReceiver } from './transport.js'

/** Receives the answer to a request: decides where its body goes, inflates it, and keeps the limit. */
export class ResponseBody implements ResponseReceiver {
  readonly #request: HttpRequest
  /** What was asked, where a redirect is followed. */
  readonly #hop: Hop | undefined
  #next: Hop | undefined
  #status = 0
  #headers: HttpResponseHead['headers'] = {}
  #sink: BodySink | undefined
  #inflater: Inflater | undefined
  #size = 0

  constructor(request: HttpRequest, hop: Hop | undefined) {
    this.#request = request
    this.#hop = hop
  }

  /** Where the answer leads, where that is followed. */
  get next(): Hop | undefined {
    return this.#next
  }

  head(head: HttpResponseHead): void {
    this.#status = head.status
    this.#headers = head.headers
    const { maxBodyBytes, consume } = this.#request
    const length = head.headers['content-length']
    const isEmpty = head.status === 204 || head.status === 304 || length === '0'
    const isInflated = isGzip(head.headers['content-encoding']) && !isEmpty
    if (!isInflated && !isEmpty && Number(length ?? 0) >= maxBodyBytes) throw bodyLimitError(maxBodyBytes)
    this.#next = this.#hop === undefined ? undefined : nextHop(this.#hop, head)
    this.#sink = new BodySink(head, this.#next === undefined ? consume : undefined)
    if (isInflated) this.#inflater = new Inflater((piece) => this.#take(piece))
  }

  write(piece: Uint8Array): void | Promise<void> {
    return this.#inflater === undefined ? this.#take(piece) : this.#inflater.write(piece)
  }

  /** All of the body was received. Rejects as a consumer or zlib do. */
  end(): Promise<void> | undefined {
    return this.#inflater?.end()
  }

  /** The rest of the body does not matter. */
  abort(): void {
    this.#inflater?.abort()
  }

  response(): HttpResponse {
    return { status: this.#status, headers: this.#headers, body: this.#sink?.body() ?? new Uint8Array(0) }
  }

  #take(piece: Uint8Array): void | Promise<void> {
    const { maxBodyBytes } = this.#request
    this.#size += piece.length
    if (this.#size >= maxBodyBytes) throw bodyLimitError(maxBodyBytes)
    return this.#sink?.write(piece)
  }
}

/** Refuses a content encoding that was not asked for. Returns whether the body is gzip. */
function isGzip(contentEncoding: string | undefined): boolean {
  const encoding = (contentEncoding ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return false
  if (encoding === 'gzip' || encoding === 'x-gzip') return true
  throw new PromlineError('protocol', `the content-encoding ${JSON.stringify(encoding)} is not supported: only gzip is asked for`)
}

/** The error of a body that reached its limit. */
function bodyLimitError(maxBytes: number): PromlineError {
  return new PromlineError('limit', `the body reaches the limit of ${maxBytes} bytes`, { facts: { maxBytes } })
}
