import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, type Clock, type Logger, silentLogger, systemClock } from '@promline/core'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { acceptsGzip } from './accepts-gzip.js'
import { createExpositions, type Exposition } from './exposition.js'

/** Prometheus' default scrape timeout: nobody waits for longer. */
const defaultCollectTimeoutMs = 10_000

/** Options of `createExporterHandler`. */
export interface ExporterHandlerOptions {
  /** What is exposed: a `Registry` of prom-client, of @prometheus-io/client, or anything of that shape. */
  readonly registry: MetricRegistry
  /** A collection that takes longer is answered with 503. Default 10,000. */
  readonly collectTimeoutMs?: number
  readonly logger?: Logger
  readonly clock?: Clock
}

/** Answers one request. Never rejects. */
export type ExporterHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Exporter</title></head>
<body><h1>Exporter</h1><p><a href="/metrics">Metrics</a></p></body>
</html>
`

/** The exporter as a handler, to be mounted in node:http, Express or Fastify: `/metrics`, `/-/healthy` and a page at `/`. */
export function createExporterHandler(options: ExporterHandlerOptions): ExporterHandler {
  const { registry, collectTimeoutMs = defaultCollectTimeoutMs, logger = silentLogger, clock = systemClock } = options
  const expose = createExpositions(registry, { timeoutMs: collectTimeoutMs, clock })
  const routes = new Map<string, ExporterHandler>([
    ['/metrics', (request, response) => answerMetrics({ request, response, expose, logger })],
    ['/-/healthy', async (_request, response) => answer(response, 200, 'The exporter is healthy.\n')],
    ['/', async (_request, response) => answer(response, 200, page, { 'content-type': 'text/html; charset=utf-8' })],
  ])
  return async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const route = routes.get(path)
    if (route === undefined) answer(response, 404, `There is nothing at ${path}; the metrics are at /metrics.\n`)
    else if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, `${request.method} is not allowed here, only GET and HEAD are.\n`, { allow: 'GET, HEAD' })
    } else await route(request, response)
  }
}

interface MetricsRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly expose: () => Promise<Exposition>
  readonly logger: Logger
}

async function answerMetrics({ request, response, expose, logger }: MetricsRequest): Promise<void> {
  let exposition: Exposition
  let body: Uint8Array
  const gzipped = acceptsGzip(request.headers['accept-encoding'])
  try {
    exposition = await expose()
    body = gzipped ? await exposition.gzipped() : exposition.body
  } catch (error) {
    // Whoever scrapes sees that it failed; why is for whoever runs the exporter.
    logger.error({ error }, 'The metrics could not be collected.')
    answer(response, 503, 'The metrics could not be collected; the log of the exporter says why.\n')
    return
  }
  response.writeHead(200, {
    'content-type': exposition.contentType,
    'content-length': body.length,
    'cache-control': 'no-store',
    vary: 'accept-encoding',
    ...(gzipped && { 'content-encoding': 'gzip' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
