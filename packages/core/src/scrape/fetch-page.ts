import { STATUS_CODES } from 'node:http'
import type { HttpClient } from '../http/client-options.js'
import { isPromlineError, PromlineError } from '../model/errors.js'
import type { ScrapeConfig } from './scrape-config.js'
import type { Target } from './target.js'

/** What the text parser reads, best first, weighted as Prometheus does. */
const accept = 'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4'

export interface FetchOptions {
  readonly client: HttpClient
  readonly target: Target
  readonly config: Pick<ScrapeConfig, 'enableCompression' | 'bodySizeLimitBytes' | 'fallbackScrapeProtocol'>
  readonly signal: AbortSignal
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
 * type that is not the text format.
 */
export async function fetchPage({ client, target, config, signal }: FetchOptions): Promise<Uint8Array> {
  const { status, headers, body } = await client
    .request({
      method: 'GET',
      url: target.url,
      headers: {
        accept,
        'accept-encoding': config.enableCompression ? 'gzip' : 'identity',
        'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000),
      },
      timeoutMs: target.timeoutMs,
      maxBodyBytes: config.bodySizeLimitBytes === 0 ? Number.MAX_SAFE_INTEGER : config.bodySizeLimitBytes,
      signal,
    })
    .catch((error: unknown) => {
      throw namingTheOption(error)
    })
  if (status !== 200) throw new UnusablePageError(`server returned HTTP status ${status} ${STATUS_CODES[status] ?? ''}`.trim(), body)
  if (config.fallbackScrapeProtocol === undefined) assertText(headers['content-type'], body)
  return body
}

function namingTheOption(error: unknown): unknown {
  if (!isPromlineError(error, 'limit') || error.facts['maxBytes'] === undefined) return error
  return new PromlineError('limit', `${error.message} (body_size_limit)`, { cause: error.cause, facts: error.facts })
}

function assertText(contentType: string | undefined, body: Uint8Array): void {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (mediaType === 'text/plain') return
  const problem = mediaType === '' ? 'the target sends no Content-Type' : `Content-Type ${JSON.stringify(contentType)} is not supported`
  const remedy = "fallback_scrape_protocol: PrometheusText0.0.4 (fallbackScrapeProtocol: 'text') reads it as text"
  throw new UnusablePageError(`${problem}; ${remedy}`, body)
}
