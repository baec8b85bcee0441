import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { answer, type Clock, type Logger } from '@promline/core'
import { acceptsGzip } from './accepts-gzip.js'
import { isOver, whenOver } from './end-of-answer.js'
import type { ExporterCounts } from './exporter-counts.js'
import type { Gathering } from './exposition.js'
import { negotiateFormat } from './format/negotiate.js'
import { late, scrapeTimeoutHeader, waitForScrapeMs, withinMs } from './scrape-deadline.js'

/** What the answer to a scrape needs. */
export interface MetricsRouteOptions {
  readonly gather: () => Promise<Gathering>
  readonly counts: ExporterCounts
  readonly negotiate: boolean
  readonly maxRequestsInFlight: number
  readonly responseTimeoutMs: number
  readonly logger: Logger
  readonly clock: Clock
}

interface Page {
  readonly contentType: string
  readonly body: Uint8Array
}

/** Answers a scrape: the page, or 503 with the reason. Never rejects. */
export async function answerMetrics(request: IncomingMessage, response: ServerResponse, options: MetricsRouteOptions): Promise<void> {
  const { counts, maxRequestsInFlight } = options
  // A client may go away while its login is checked; nothing would tell then that its answer is closed.
  if (isOver(response)) return
  if (counts.inFlight >= maxRequestsInFlight) {
    const text = `${maxRequestsInFlight} scrapes are under way, which is the limit of this exporter; try again later.`
    refuse(response, counts, { text, headers: { 'retry-after': '1' } })
    return
  }
  counts.begin()
  whenOver(response, () => counts.end())
  const gzipped = acceptsGzip(request.headers['accept-encoding'])
  const page = await pageFor(request, gzipped, options)
  if (isOver(response)) return
  if (typeof page === 'string') {
    refuse(response, counts, { text: page })
    return
  }
  counts.countRequest(200)
  boundResponse(response, options)
  response.writeHead(200, {
    'content-type': page.contentType,
    'content-length': page.body.length,
    'cache-control': 'no-store',
    // Accept had a say only where there was one.
    vary: request.headers.accept === undefined ? 'accept-encoding' : 'accept, accept-encoding',
    ...(gzipped && { 'content-encoding': 'gzip' }),
  })
  response.end(request.method === 'HEAD' ? undefined : page.body)
}

/** The page that a client asks for, or why it does not get it. */
async function pageFor(request: IncomingMessage, gzipped: boolean, options: MetricsRouteOptions): Promise<Page | string> {
  const { gather, negotiate, logger, clock } = options
  const format = negotiate ? negotiateFormat(request.headers.accept) : 'as-is'
  const given = String(request.headers[scrapeTimeoutHeader] ?? '')
  const waitMs = waitForScrapeMs(given)
  const render = async (): Promise<Page> => {
    const exposition = (await gather()).expose(format)
    return { contentType: exposition.contentType, body: gzipped ? await exposition.gzipped() : exposition.body }
  }
  try {
    const page = await withinMs(render(), waitMs, clock)
    if (page !== late) return page
    logger.warn({ waitMs }, `A scrape was answered with 503: the metrics were not collected within ${waitMs} ms.`)
    return `The metrics were not collected within ${waitMs} ms; the scrape is given up by its client after ${given} s.`
  } catch {
    // The gatherer has logged why.
    return 'The metrics could not be collected; the log of the exporter says why.'
  }
}

function refuse(
  response: ServerResponse,
  counts: ExporterCounts,
  { text, headers }: { text: string; headers?: OutgoingHttpHeaders },
): void {
  counts.countRequest(503)
  answer(response, 503, text, headers)
}

/** Cuts off a client that does not read its answer: it holds memory, and a place among those that are served. */
function boundResponse(response: ServerResponse, { responseTimeoutMs, logger, clock }: MetricsRouteOptions): void {
  const cancel = clock.schedule(responseTimeoutMs, () => {
    logger.warn({ responseTimeoutMs }, `A scrape was cut off: its answer was not read within ${responseTimeoutMs} ms.`)
    response.destroy()
  })
  whenOver(response, cancel)
}
