import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Batch, isPromlineError, type Pipeline, type TargetStatus, toError } from '@promline/core'
import { type Asset, loadAssets } from './api/assets.js'
import { EventStream } from './api/events.js'
import { FlowHistory, historyStepMs } from './api/history.js'
import { type SnapshotSources, takeSnapshot } from './api/snapshot.js'
import { SampleWindow } from './window/sample-window.js'
import { parseSelector } from './window/selector.js'

/** Series drawn in one chart, at most. */
const maxChartSeries = 20

/** Nothing but what this process serves: no inline script, no other host. */
const securityHeaders = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

export interface ConsoleOptions {
  /** In the order of the flow. */
  readonly pipelines: () => readonly Pipeline[]
  readonly targets: () => readonly TargetStatus[]
  /** What feeds a pipeline, in words: `1 target`, `receiver on 127.0.0.1:9201`. */
  readonly describeSource: (pipeline: string) => string
  readonly version: string
  /** The window that charts are drawn from. */
  readonly windowMs: number
  readonly windowMaxBytes: number
  readonly now?: () => number
}

/** The page and its API, mountable in any server of node:http. Read-only. */
export interface Console {
  /** Answers requests for the page and `/api/`; resolves to false where the path is not the console's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
  /** What a pipeline's `tap` is set to. */
  tap(pipeline: string): (batch: Batch) => void
  close(): void
}

export function createConsole(options: ConsoleOptions): Console {
  return new ConsoleServer(options)
}

class ConsoleServer implements Console {
  readonly #window: SampleWindow
  readonly #sources: SnapshotSources
  readonly #events: EventStream
  readonly #assets: ReadonlyMap<string, Asset>
  readonly #recording: NodeJS.Timeout

  constructor(options: ConsoleOptions) {
    const now = options.now ?? Date.now
    const history = new FlowHistory(options.pipelines, now)
    this.#window = new SampleWindow({ durationMs: options.windowMs, maxBytes: options.windowMaxBytes, now })
    this.#sources = { ...options, history, startedMs: now(), now }
    this.#events = new EventStream(() => takeSnapshot(this.#sources))
    this.#assets = loadAssets()
    this.#recording = setInterval(() => history.record(), historyStepMs)
    this.#recording.unref()
  }

  tap(pipeline: string): (batch: Batch) => void {
    return (batch) => this.#window.add(pipeline, batch)
  }

  close(): void {
    clearInterval(this.#recording)
    this.#events.close()
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? '/', 'http://console')
    const asset = this.#assets.get(url.pathname === '/' ? '/index.html' : url.pathname)
    if (asset === undefined && !url.pathname.startsWith('/api/')) return false
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain' }).end('the console is read-only\n')
    } else if (asset !== undefined) {
      response.writeHead(200, { 'content-type': asset.contentType, 'cache-control': 'no-cache' }).end(asset.body)
    } else if (url.pathname === '/api/events') {
      this.#events.open(request, response)
    } else {
      this.#answer(url, response)
    }
    return true
  }

  #answer(url: URL, response: ServerResponse): void {
    try {
      const answer = this.#read(url)
      if (answer === undefined) sendJson(response, 404, { error: `there is no ${url.pathname}` })
      else sendJson(response, 200, answer)
    } catch (error) {
      sendJson(response, isPromlineError(error) ? 400 : 500, { error: toError(error).message })
    }
  }

  #read(url: URL): unknown {
    switch (url.pathname) {
      case '/api/status':
        return takeSnapshot(this.#sources)
      case '/api/targets':
        return this.#sources.targets()
      case '/api/sinks':
        return this.#sources
          .pipelines()
          .flatMap((pipeline) => pipeline.status().sinks.map((sink) => ({ pipeline: pipeline.name, ...sink })))
      case '/api/names':
        return this.#window.names()
      case '/api/query':
        return this.#query(url.searchParams)
      default:
        return undefined
    }
  }

  #query(parameters: URLSearchParams): unknown {
    const nowMs = this.#sources.now()
    return this.#window.query({
      selector: parseSelector(parameters.get('match') ?? ''),
      fromMs: timeParameter(parameters, 'from') ?? nowMs - this.#window.durationMs,
      toMs: timeParameter(parameters, 'to') ?? Number.POSITIVE_INFINITY,
      maxSeries: maxChartSeries,
    })
  }
}

/** A time in milliseconds since the epoch. */
function timeParameter(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name)
  return text === null || !/^\d{1,16}$/.test(text) ? undefined : Number(text)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(`${JSON.stringify(body)}\n`)
}
