import {
  answer,
  type Consume,
  createHttpListener,
  type HttpListener,
  PromlineError,
  requestPath,
  type ServerTlsOptions,
  type Source,
  validateServerTls,
} from '@promline/core'
import { type RemoteWriteReceiverOptions, validateReceiverOptions } from './config.js'
import { createRemoteWriteHandler } from './handler.js'

/** Requests under way have this long to be taken once the source stops; then their connections end, and their clients come again. */
const stopDeadlineMs = 4000

const healthPath = '/-/healthy'

export interface RemoteWriteSourceOptions extends RemoteWriteReceiverOptions {
  /** The source's name, also in logs and metrics. */
  readonly name: string
  /** `host:port`, `[IPv6]:port` or `:port`; port 0 takes a free one. */
  readonly listen: string
  /** Default `/api/v1/write`. */
  readonly path?: string
  /** Speaks TLS; files are read again when they change. Default: plain HTTP. */
  readonly tls?: ServerTlsOptions
}

/** A receiver that listens by itself. */
export interface RemoteWriteSource extends Source {
  /** `http://host:port/api/v1/write`, `https:` with TLS; undefined before it listens. */
  readonly url: string | undefined
  /** Resolves with the URL once it listens; rejects where it cannot, as `run` does. */
  readonly listening: Promise<string>
}

/**
 * A receiver of remote write 1.0 on a port of its own, with `GET /-/healthy` beside it. `run` rejects with a PromlineError where it cannot
 * listen (`address`) or cannot use its certificate (`tls`). While it stops it answers 503, and requests under way are taken to their end.
 */
export function createRemoteWriteSource(options: RemoteWriteSourceOptions): RemoteWriteSource {
  validateReceiverOptions(options)
  if (options.tls !== undefined) validateServerTls(options.tls)
  if (options.path !== undefined) assertPath(options.path)
  return new ListeningSource(options)
}

/** Refuses what cannot be the path of a request. Throws a PromlineError (`options`). */
export function assertPath(path: string): void {
  if (/^\/[^\s?#]*$/.test(path) && path !== healthPath) return
  const message = `path ${JSON.stringify(path)} is not one: expected / and no "?", "#" or blank, and not ${healthPath}`
  throw new PromlineError('options', message, { facts: { option: 'path' } })
}

class ListeningSource implements RemoteWriteSource {
  readonly name: string
  readonly listening: Promise<string>
  readonly #options: RemoteWriteSourceOptions
  readonly #path: string
  #url: string | undefined
  #onListening: (url: string) => void = () => {}
  #onFailure: (error: unknown) => void = () => {}

  constructor(options: RemoteWriteSourceOptions) {
    this.name = options.name
    this.#options = options
    this.#path = options.path ?? '/api/v1/write'
    this.listening = new Promise((resolve, reject) => {
      this.#onListening = resolve
      this.#onFailure = reject
    })
    this.listening.catch(() => {}) // `run` rejects with the same error
  }

  get url(): string | undefined {
    return this.#url
  }

  async run(consume: Consume, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const listener = await this.#listen(consume, signal)
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await listener.close({ deadlineMs: stopDeadlineMs })
  }

  async #listen(consume: Consume, signal: AbortSignal): Promise<HttpListener> {
    const { name, listen, logger, tls } = this.#options
    const handle = createRemoteWriteHandler({ ...this.#options, consume })
    try {
      const listener = await createHttpListener({
        name,
        listen,
        ...(logger !== undefined && { logger }),
        ...(tls !== undefined && { tls }),
        handler: (request, response) => {
          const path = requestPath(request.url)
          if (signal.aborted) answer(response, 503, 'stopping: come again', { 'retry-after': '1', connection: 'close' })
          else if (path === this.#path) return handle(request, response)
          else if (path === healthPath) answer(response, 200, 'healthy')
          else answer(response, 404, `not found: remote write is at ${this.#path}`)
          return undefined
        },
      })
      this.#url = `${listener.url}${this.#path}`
      this.#onListening(this.#url)
      return listener
    } catch (error) {
      this.#onFailure(error)
      throw error
    }
  }
}
