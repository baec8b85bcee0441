import type { ServerResponse } from 'node:http'
import { answer, type Clock, isPromlineError, type Logger } from '@promline/core'
import { createExporterHandler, type ExporterHandler } from '../exporter/exporter-handler.js'
import type { Poller } from '../poller/poller.js'
import type { UsdtRate } from './usdt-poller.js'
import { createUsdtRegistry } from './usdt-registry.js'

/** Options of `createUsdtHandler`. */
export interface UsdtHandlerOptions {
  /** Of `createUsdtPoller`; whoever made it starts and closes it. */
  readonly poller: Poller<UsdtRate>
  readonly logger?: Logger
  readonly clock?: Clock
}

/**
 * The exporter as a handler, to be mounted in node:http, Express or Fastify. `/` is the rate as JSON, 503 while there is none that is
 * recent; `/health` is 200 while the process answers, whatever the market does, and says in JSON how that is going; `/metrics`,
 * `/-/healthy` and `/-/ready` (ready: there is a rate) are those of `createExporterHandler`.
 */
export function createUsdtHandler(options: UsdtHandlerOptions): ExporterHandler {
  const { poller, logger, clock } = options
  const exporter = createExporterHandler({
    registry: createUsdtRegistry(poller),
    ready: () => (poller.latest() === undefined ? reasonOfNone(poller) : true),
    ...(logger && { logger }),
    ...(clock && { clock }),
  })
  return async (request, response) => {
    const [path] = (request.url ?? '').split('?')
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (path === '/' && isRead) answerRate(response, poller)
    else if (path === '/health' && isRead) answerHealth(response, poller)
    else if (path === '/health')
      answer(response, 405, `${request.method} is not allowed here, only GET and HEAD are.\n`, { allow: 'GET, HEAD' })
    else await exporter(request, response)
  }
}

function answerRate(response: ServerResponse, poller: Poller<UsdtRate>): void {
  const latest = poller.latest()
  if (latest === undefined) answerJson(response, 503, { pair: 'USDT/VND', error: reasonOfNone(poller) })
  else {
    const { value, atMs } = latest
    answerJson(response, 200, {
      pair: 'USDT/VND',
      rate: value.rate,
      lastUpdate: atMs / 1000,
      offers: { used: value.used, trimmed: value.trimmed },
      market: value.market,
    })
  }
}

function answerHealth(response: ServerResponse, poller: Poller<UsdtRate>): void {
  const { lastSuccessMs, consecutiveErrors } = poller.status
  answerJson(response, 200, {
    status: 'healthy',
    hasRate: poller.latest() !== undefined,
    lastUpdate: lastSuccessMs === undefined ? null : lastSuccessMs / 1000,
    consecutiveErrors,
  })
}

/** Why there is no rate, in the words of the last failure. Errors of others may hold what is not for everybody. */
function reasonOfNone({ status: { lastSuccessMs, lastError, consecutiveErrors } }: Poller<UsdtRate>): string {
  const which = lastSuccessMs === undefined ? 'there is no rate yet' : 'the last rate is too old'
  if (consecutiveErrors === 0) return which
  return `${which}: ${isPromlineError(lastError) ? lastError.message : 'the log of the exporter says why'}`
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  answer(response, status, `${JSON.stringify(body)}\n`, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
}
