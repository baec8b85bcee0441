import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, type Clock, type Logger, maxTimerMs, PromlineError, requestPath, silentLogger, systemClock } from '@promline/core'
import { defaultCollectTimeoutMs } from '../registry/collect-registry.js'
import type { MetricRegistry, WritableMetricRegistry } from '../registry/metric-registry.js'
import { ExporterCounts } from './exporter-counts.js'
import { createGatherer } from './exposition.js'
import { answerMetrics, type MetricsRouteOptions } from './metrics-route.js'
import { answerReady, type Readiness } from './readiness.js'

/** Options of `createExporterHandler`. */
export interface ExporterHandlerOptions {
  /** What is exposed: a `Registry` of prom-client, of @prometheus-io/client, or anything of that shape. */
  readonly registry: MetricRegistry
  /** A collection that takes longer is answered with 503. Default 10,000. */
  readonly collectTimeoutMs?: number
  /**
   * Whether a client gets the format that its Accept header prefers, Prometheus text or OpenMetrics; otherwise everybody gets the
   * registry's own. Default true.
   */
  readonly negotiate?: boolean
  /** What `/-/ready` answers: 200 for true, else 503; a text says why, and the answer quotes it. Default: always ready. */
  readonly ready?: () => Readiness | Promise<Readiness>
  /** Scrapes at one time; more are answered with 503. Default 40. */
  readonly maxRequestsInFlight?: number
  /** A client that has not read its page within this time is cut off. Default 30,000. */
  readonly responseTimeoutMs?: number
  /** Where `promhttp_metric_handler_*` are registered, the exporter's metrics about itself; may be `registry`. Default: nowhere. */
  readonly selfRegistry?: WritableMetricRegistry
  readonly logger?: Logger
  readonly clock?: Clock
}

/** Answers one request. Never rejects. */
export type ExporterHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** As node_exporter's `web.max-requests`. */
const defaultMaxRequestsInFlight = 40
/** Three times the longest wait of a default Prometheus: who reads slower is no scraper. */
const defaultResponseTimeoutMs = 30_000

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Exporter</title></head>
<body><h1>Exporter</h1><p><a href="/metrics">Metrics</a></p></body>
</html>
`

/**
 * The exporter as a handler, to be mounted in node:http, Express or Fastify: `/metrics`, `/-/healthy`, `/-/ready` and a page at `/`.
 *
 * Throws a PromlineError (`options`) for a limit out of range, and for a registry that is none; and what `selfRegistry` throws where it has
 * such metrics already.
 */
export function createExporterHandler(options: ExporterHandlerOptions): ExporterHandler {
  return createHandler(options).handler
}

/** The handler, and what takes its metrics off the registry again. */
export function createHandler(options: ExporterHandlerOptions): { readonly handler: ExporterHandler; readonly release: () => void } {
  const { registry, ready, selfRegistry, collectTimeoutMs = defaultCollectTimeoutMs, logger = silentLogger, clock = systemClock } = options
  assertRegistry(registry)
  const counts = new ExporterCounts()
  const scrape: MetricsRouteOptions = {
    gather: createGatherer(registry, { timeoutMs: collectTimeoutMs, clock, logger, counts }),
    counts,
    negotiate: options.negotiate ?? true,
    maxRequestsInFlight: options.maxRequestsInFlight ?? defaultMaxRequestsInFlight,
    responseTimeoutMs: options.responseTimeoutMs ?? defaultResponseTimeoutMs,
    logger,
    clock,
  }
  assertAtLeastOne({ collectTimeoutMs, maxRequestsInFlight: scrape.maxRequestsInFlight, responseTimeoutMs: scrape.responseTimeoutMs })
  const routes = new Map<string, ExporterHandler>([
    ['/metrics', (request, response) => answerMetrics(request, response, scrape)],
    ['/-/healthy', async (_request, response) => answer(response, 200, 'The exporter is healthy.\n')],
    ['/-/ready', (_request, response) => answerReady(response, ready ?? (() => true), { logger, clock })],
    ['/', async (_request, response) => answer(response, 200, page, { 'content-type': 'text/html; charset=utf-8' })],
  ])
  const release = selfRegistry === undefined ? () => {} : counts.register(selfRegistry)
  return { handler: (request, response) => route(routes, request, response), release }
}

async function route(routes: ReadonlyMap<string, ExporterHandler>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = requestPath(request.url)
  const handle = routes.get(path)
  if (handle === undefined) answer(response, 404, `There is nothing at ${path}; the metrics are at /metrics.\n`)
  else if (request.method !== 'GET' && request.method !== 'HEAD') {
    answer(response, 405, `${request.method} is not allowed here, only GET and HEAD are.\n`, { allow: 'GET, HEAD' })
  } else await handle(request, response)
}

/** Registries are taken by their shape, and programs without types may miss it. */
function assertRegistry(registry: { readonly contentType: unknown; readonly metrics: unknown } | undefined): void {
  if (typeof registry?.contentType === 'string' && typeof registry.metrics === 'function') return
  const message = "exporter: the registry must have a contentType and metrics(), as prom-client's has"
  throw new PromlineError('options', message, { facts: { option: 'registry' } })
}

function assertAtLeastOne(limits: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(limits)) {
    if (value >= 1 && value <= maxTimerMs) continue
    throw new PromlineError('options', `exporter: ${option} must be from 1 to ${maxTimerMs}, not ${value}`, { facts: { option } })
  }
}
