import { STATUS_CODES } from 'node:http'
import type { HttpClient, HttpRequest, HttpResponse, HttpResponseHead } from '../http/client-options.js'
import { isPromlineError, PromlineError, toError } from '../model/errors.js'
import type { Page } from './page.js'
import type { ScrapeConfig } from './scrape-config.js'
import type { Target } from './target.js'

/** What the text parser reads, best first, weighted as Prometheus does. */
const accept = 'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4'

/** Formats of Prometheus that are not read. */
const otherFormats: ReadonlySet<string> = new Set(['application/openmetrics-text', 'application/vnd.google.protobuf'])

export interface FetchOptions {
  readonly client: HttpClient
  readonly target: Target
  readonly config: Pick<ScrapeConfig, 'enableCompression' | 'bodySizeLimitBytes' | 'fallbackScrapeProtocol'>
  /** Is given the body while it arrives. */
  readonly page: Pick<Page, 'write' | 'end'>
  readonly signal: AbortSignal
}

/** A page that came as a whole. */
export interface FetchedPage {
  /** Size of the body, decompressed. */
  readonly bytes: number
  /** What `page` threw. */
  readonly failure?: Error
}

/** A page that came, but cannot be used. */
export class UnusablePageError extends PromlineError {
  readonly body: Uint8Array

  constructor(message: string, body: Uint8Array) {
    super('protocol', message)
    this.body = body
  }
}

/**
 * Gets a target's page. Rejects with a PromlineError: those of the HTTP client; UnusablePageError for any status but 200, and for a content
 * type that is not the text format. A page that fails is read to its end all the same, so that the connection is kept.
 */
export async function fetchPage({ client, target, config, page, signal }: FetchOptions): Promise<FetchedPage> {
  const request = new PageRequest({ target, config, page, signal })
  let response: HttpResponse
  try {
    response = await client.request(request)
  } catch (error) {
    throw namingTheOption(error)
  }
  const problem = request.problemOf(response)
  if (problem !== undefined) throw new UnusablePageError(problem, response.body)
  if (!request.isStreamed) await request.take(response.body) // a client may gather all the same
  return await request.end()
}

/** What is asked of each target, for the client to know that it is the same every time. */
const headersOf = new WeakMap<Target, Readonly<Record<string, string>>>()

/** The request for a page, and where its answer goes: hands the pieces to the page until it fails, and counts them all. */
class PageRequest implements HttpRequest {
  readonly method = 'GET'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly signal: AbortSignal
  /** Whether the body was given to the page while it arrived. */
  isStreamed = false
  readonly #page: FetchOptions['page']
  readonly #config: FetchOptions['config']
  #bytes = 0
  #failure: Error | undefined

  constructor({ target, config, page, signal }: Omit<FetchOptions, 'client'>) {
    this.url = target.url
    this.headers = knownHeaders(target, config)
    this.timeoutMs = target.timeoutMs
    this.maxBodyBytes = config.bodySizeLimitBytes === 0 ? Number.MAX_SAFE_INTEGER : config.bodySizeLimitBytes
    this.signal = signal
    this.#page = page
    this.#config = config
  }

  readonly consume = (head: HttpResponseHead): ((piece: Uint8Array) => void | Promise<void>) | undefined => {
    this.isStreamed = this.problemOf(head) === undefined
    return this.isStreamed ? (piece) => this.take(piece) : undefined
  }

  /** Why the page cannot be used. */
  problemOf(head: HttpResponseHead): string | undefined {
    return statusProblem(head) ?? typeProblem(head, this.#config.fallbackScrapeProtocol !== undefined)
  }

  take(piece: Uint8Array): void | Promise<void> {
    this.#bytes += piece.length
    try {
      return this.#page.write(piece)?.catch((error: unknown) => this.#fail(error))
    } catch (error) {
      this.#fail(error)
    }
  }

  async end(): Promise<FetchedPage> {
    if (this.#failure === undefined) {
      try {
        await this.#page.end()
      } catch (error) {
        this.#fail(error)
      }
    }
    return { bytes: this.#bytes, ...(this.#failure !== undefined && { failure: this.#failure }) }
  }

  #fail(error: unknown): void {
    this.#failure ??= toError(error)
  }
}

function knownHeaders(target: Target, { enableCompression }: FetchOptions['config']): Readonly<Record<string, string>> {
  const encoding = enableCompression ? 'gzip' : 'identity'
  const known = headersOf.get(target)
  if (known?.['accept-encoding'] === encoding) return known
  const headers = { accept, 'accept-encoding': encoding, 'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000) }
  headersOf.set(target, headers)
  return headers
}

function namingTheOption(error: unknown): unknown {
  if (!isPromlineError(error, 'limit') || error.facts['maxBytes'] === undefined) return error
  return new PromlineError('limit', `${error.message} (body_size_limit)`, { cause: error.cause, facts: error.facts })
}

function statusProblem({ status }: HttpResponseHead): string | undefined {
  return status === 200 ? undefined : `server returned HTTP status ${status} ${STATUS_CODES[status] ?? ''}`.trim()
}

/** A format that is recognised is never read as another one, as in Prometheus. */
function typeProblem({ headers }: HttpResponseHead, hasFallback: boolean): string | undefined {
  const contentType = headers['content-type']
  if (contentType === 'text/plain' || contentType?.startsWith('text/plain;')) return undefined
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (mediaType === 'text/plain') return undefined
  const shown = JSON.stringify(contentType)
  if (otherFormats.has(mediaType)) return `Content-Type ${shown} is not offered yet, and it is not what was asked for: text/plain`
  if (hasFallback) return undefined
  const problem = mediaType === '' ? 'the target sends no Content-Type' : `Content-Type ${shown} is not supported`
  return `${problem}; fallback_scrape_protocol: PrometheusText0.0.4 (fallbackScrapeProtocol: 'text') reads it as text`
}
