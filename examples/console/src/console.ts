import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Batch, isPromlineError, type Pipeline, PromlineError, type TargetStatus, toError } from '@promline/core'
import { type Asset, loadAssets } from './api/assets.js'
import { type ClusterSources, takeClusters } from './api/clusters.js'
import { EventStream } from './api/events.js'
import { FlowHistory, historyStepMs } from './api/history.js'
import { type SnapshotSources, type SourceDescription, takeSnapshot } from './api/snapshot.js'
import type { Refusals } from './clusters/client-answers.js'
import { ClusterBook } from './clusters/cluster-book.js'
import { Comparison } from './clusters/comparison.js'
import { SampleWindow } from './window/sample-window.js'
import { parseSelector } from './window/selector.js'

/** Series drawn in one chart, at most. */
const maxChartSeries = 20
/** Suggestions for the chart's field, at most: more help nobody, and a browser's list becomes slow. */
const maxNames = 1_000

const defaultClusterLabel = 'cluster'
const noRefusals: ReadonlyMap<string, Refusals> = new Map()

/** Nothing but what this process serves: no inline script, no other host. */
const securityHeaders = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

export interface ConsoleOptions {
  /** In the order of the flow. Not asked before the first request or, if that is sooner, five seconds after the creation. */
  readonly pipelines: () => readonly Pipeline[]
  readonly targets: () => readonly TargetStatus[]
  /** What feeds a pipeline. */
  readonly describeSource: (pipeline: string) => SourceDescription
  /** The program and its version, for the head of the page. */
  readonly version: string
  /** The window that charts are drawn from. */
  readonly windowMs: number
  readonly windowMaxBytes: number
  /** The part that shows clusters side by side. Default: by the label `cluster`, shown where there are several. */
  readonly clusters?: ClustersOptions
  /** Requests that a receiver has refused, by client, shown beside clusters: see `ClientAnswers`. Default: none. */
  readonly refused?: () => ReadonlyMap<string, Refusals>
  readonly now?: () => number
}

/** What the page shows of clusters; given, the part is shown however many there are. */
export interface ClustersOptions {
  /** The label whose values tell clusters apart. Default `cluster`. */
  readonly label?: string
  /**
   * Figures that are added up for each cluster and shown beside each other: the name of a gauge, a selector as in Explore, or either in
   * `rate(...)`, per second: `nats_varz_connections`, `{__name__="x", job="y"}`, `rate(nats_varz_in_msgs)`. Default: none.
   */
  readonly compare?: readonly string[]
}

/** The page and its API, mountable in any server of node:http. Read-only. */
export interface Console {
  /** Answers requests for the page and `/api/`; false where the path is not the console's, and nothing was answered. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
  /** What a pipeline's `tap` is set to. */
  tap(pipeline: string): (batch: Batch) => void
  /** Ends the event streams. Safe to call twice. */
  close(): void
}

/**
 * Makes the console; nothing listens yet. Throws a PromlineError (`parse`) for a figure to compare that is no selector.
 *
 * For clusters side by side, where a receiver takes what their agents write:
 *
 *     const answers = new ClientAnswers(createPromInstruments(registry))      // answers.instruments go to the receiver and the pipelines
 *     createConsole({ ..., clusters: { label: 'cluster', compare: ['nats_varz_connections', 'rate(nats_varz_in_msgs)'] },
 *                          refused: () => answers.refused() })
 */
export function createConsole(options: ConsoleOptions): Console {
  return new ConsoleServer(options)
}

class ConsoleServer implements Console {
  readonly #window: SampleWindow
  readonly #clusters: ClusterSources
  readonly #sources: SnapshotSources
  readonly #events: EventStream
  readonly #assets: ReadonlyMap<string, Asset>
  readonly #recording: NodeJS.Timeout

  constructor(options: ConsoleOptions) {
    const now = options.now ?? Date.now
    const history = new FlowHistory(options.pipelines, now)
    this.#window = new SampleWindow({ durationMs: options.windowMs, maxBytes: options.windowMaxBytes, now })
    const { label = defaultClusterLabel, compare = [] } = options.clusters ?? {}
    this.#clusters = {
      book: new ClusterBook(label, now),
      comparison: new Comparison({ label, compare, window: this.#window }),
      label,
      isWanted: options.clusters !== undefined,
      refused: options.refused ?? (() => noRefusals),
      now,
    }
    this.#sources = { ...options, history, startedMs: now(), now }
    this.#events = new EventStream(() => takeSnapshot(this.#sources))
    this.#assets = loadAssets()
    this.#recording = setInterval(() => history.record(), historyStepMs)
    this.#recording.unref()
  }

  tap(pipeline: string): (batch: Batch) => void {
    return (batch) => {
      this.#window.add(pipeline, batch)
      this.#clusters.book.add(pipeline, batch)
    }
  }

  close(): void {
    clearInterval(this.#recording)
    this.#events.close()
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
    const asset = this.#assets.get(path === '/' ? '/index.html' : path)
    if (asset === undefined && !path.startsWith('/api/')) return false
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      sendJson(response, 405, { error: `the console is read-only: ${request.method} is not allowed` })
    } else if (asset !== undefined) {
      response.writeHead(200, { 'content-type': asset.contentType, 'cache-control': 'no-cache' }).end(asset.body)
    } else if (path === '/api/events') {
      this.#events.open(request, response)
    } else {
      this.#answer(response, path, new URLSearchParams(query))
    }
    return true
  }

  #answer(response: ServerResponse, path: string, parameters: URLSearchParams): void {
    try {
      const answer = this.#read(path, parameters)
      if (answer === undefined) sendJson(response, 404, { error: `there is no ${path}` })
      else sendJson(response, 200, answer)
    } catch (error) {
      sendJson(response, isPromlineError(error) ? 400 : 500, { error: toError(error).message })
    }
  }

  #read(path: string, parameters: URLSearchParams): unknown {
    const { pipelines, targets } = this.#sources
    switch (path) {
      case '/api/status':
        return takeSnapshot(this.#sources)
      case '/api/targets':
        return targets()
      case '/api/sinks':
        return pipelines().flatMap((pipeline) => pipeline.status().sinks.map((sink) => ({ pipeline: pipeline.name, ...sink })))
      case '/api/clusters':
        return takeClusters(this.#clusters)
      case '/api/names':
        return this.#window.names(maxNames)
      case '/api/query':
        return this.#query(parameters)
      default:
        return undefined
    }
  }

  #query(parameters: URLSearchParams): unknown {
    return this.#window.query({
      selector: parseSelector(parameters.get('match') ?? ''),
      fromMs: timeParameter(parameters, 'from') ?? this.#sources.now() - this.#window.durationMs,
      toMs: timeParameter(parameters, 'to') ?? Number.POSITIVE_INFINITY,
      maxSeries: maxChartSeries,
    })
  }
}

/** A time in milliseconds since the epoch; undefined where it is not given. */
function timeParameter(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name)
  if (text === null || text === '') return undefined
  if (!/^\d{1,16}$/.test(text)) throw new PromlineError('parse', `${name}=${text} is not a time in milliseconds since 1970`)
  return Number(text)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(`${JSON.stringify(body)}\n`)
}
