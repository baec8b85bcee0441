import { STATUS_CODES } from 'node:http'
import {
  decodeUtf8,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  isPromlineError,
  PromlineError,
  redactUrl,
  retryAfterMs,
  statusClass,
  toError,
} from '@promline/core'

/** What one attempt came to. */
export type PushOutcome =
  | { readonly status: 'delivered' }
  | { readonly status: 'retryable'; readonly error: PromlineError; readonly retryAfterMs: number | undefined }
  | { readonly status: 'rejected'; readonly error: Error }

/** The reason of a refusal is a line or two; what is longer is a page of a proxy. */
const maxReasonChars = 500

/** Sends a push once. Never rejects; errors name the method and the URL. */
export async function attemptPush(client: HttpClient, request: HttpRequest, nowMs: () => number): Promise<PushOutcome> {
  let response: HttpResponse
  try {
    response = await client.request(request)
  } catch (thrown) {
    return failedOutcome(toError(thrown), request)
  }
  const { status, headers } = response
  if (status === 200 || status === 202) return { status: 'delivered' } // 202: taken without a check, or deleted
  const error = refusal(request, response)
  if (statusClass(status) !== 'retryable') return { status: 'rejected', error }
  return { status: 'retryable', error, retryAfterMs: retryAfterMs(headers['retry-after'], nowMs()) }
}

/** What may be gone in a moment is tried again; a certificate that is refused, or credentials that cannot be read, are for a person. */
function failedOutcome(error: Error, { method }: HttpRequest): PushOutcome {
  if (!isPromlineError(error) || error.code === 'closed') return { status: 'rejected', error }
  const named = new PromlineError(error.code, `${method} ${error.message}`, { cause: error.cause, facts: { ...error.facts, method } })
  const isTransient = ['connect', 'timeout', 'protocol'].includes(error.code)
  return isTransient ? { status: 'retryable', error: named, retryAfterMs: undefined } : { status: 'rejected', error: named }
}

function refusal({ method, url }: HttpRequest, { status, headers, body }: HttpResponse): PromlineError {
  const place = redactUrl(url)
  const facts = { method, url: place, status }
  const answer = `${method} ${place}: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  const location = headers['location']
  if (status >= 300 && status < 400 && location !== undefined) {
    const target = URL.canParse(location, url) ? redactUrl(new URL(location, url).href) : '<invalid URL>'
    const message = `${answer} to ${target}: a push follows no redirect, which may lose its body; set url to the Pushgateway itself`
    return new PromlineError('status', message, { facts: { ...facts, location: target } })
  }
  const reason = reasonOf(body)
  return new PromlineError('status', reason === '' ? answer : `${answer}: ${reason}`, { facts })
}

/** What the server says of it, in one line. */
function reasonOf(body: Uint8Array): string {
  const text = decodeUtf8(body)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return text.length <= maxReasonChars ? text : `${text.slice(0, maxReasonChars)}...`
}
