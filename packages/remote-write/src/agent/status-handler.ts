import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, requestPath } from '@promline/core'

/** What the pages of an agent need of it. */
export interface StatusPages {
  /** The page of its own metrics, in text format 0.0.4. */
  metrics(): string
  /** Why it is not ready, in words; undefined where it is. */
  unready(): string | undefined
}

const textFormat = 'text/plain; version=0.0.4; charset=utf-8'

/** Serves `/metrics`, `/-/healthy` (it runs) and `/-/ready` (it takes and sends samples). */
export function createStatusHandler(pages: StatusPages): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, `method ${request.method} is not allowed: expected GET`, { allow: 'GET, HEAD' })
      return
    }
    const path = requestPath(request.url)
    if (path === '/metrics') answer(response, 200, pages.metrics(), { 'content-type': textFormat })
    else if (path === '/-/healthy') answer(response, 200, 'healthy')
    else if (path === '/-/ready') answerReady(response, pages.unready())
    else answer(response, 404, 'not found: there are /metrics, /-/healthy and /-/ready')
  }
}

function answerReady(response: ServerResponse, unready: string | undefined): void {
  if (unready === undefined) answer(response, 200, 'ready')
  else answer(response, 503, `not ready: ${unready}`)
}
