import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { PromlineError, toError } from '../model/errors.js'
import { type Logger, silentLogger } from '../model/logger.js'
import { answer } from './answer.js'
import { formatListen, type ListenAddress, parseListen, urlOfAddress } from './listen-address.js'

export interface HttpListenerOptions {
  /** Says in messages who listens: `exporter`, `remote_write_receiver`. */
  readonly name: string
  /** See `parseListen`; port 0 takes a free one. */
  readonly listen: string
  /** A throw or a rejection is answered with 500, without detail, and logged. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
  readonly logger?: Logger
  /** The headers of a request must have come within this time, else 408. Default 10,000 (Node: 60,000). */
  readonly headersTimeoutMs?: number
  /** A whole request must have come within this time, else 408. Default 30,000 (Node: 300,000). */
  readonly requestTimeoutMs?: number
  /** Connections at one time; more are dropped. Default 1,000 (Node: any number). */
  readonly maxConnections?: number
}

export interface HttpListener {
  /** `http://host:port`, with the port that was taken. */
  readonly url: string
  /**
   * Takes no more connections, lets requests under way finish, and ends at the deadline (default 5,000 ms) whatever is left. Safe to call
   * twice.
   */
  close(options?: { readonly deadlineMs?: number }): Promise<void>
}

const defaultHeadersTimeoutMs = 10_000
const defaultRequestTimeoutMs = 30_000
const defaultMaxConnections = 1000
const defaultCloseDeadlineMs = 5000
/** How late a timeout may be found; Node looks every 30 s. */
const connectionsCheckingIntervalMs = 1000
/** Ours and a proxy's are some twenty; Node takes 2,000. */
const maxHeadersCount = 100

/**
 * Listens on an address with guards against slow-loris clients. Rejects with a PromlineError (`address`) that says in one line why it
 * cannot: the port is in use, permission denied, not an address of this machine.
 */
export async function createHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const address = parseListen(options.listen)
  const logger = options.logger ?? silentLogger
  const server = createGuardedServer(options)
  server.on('request', (request, response) => {
    // A kept connection that outlives `server.close` would hold it up to its idle timeout.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
    serve(options, { request, response, logger })
  })
  await listen(server, address, options.name)
  server.on('error', (error) => logger.error({ error, name: options.name }, `${options.name}: ${error.message}`))
  const url = urlOfAddress({ host: address.host, port: portOf(server) })
  let closing: Promise<void> | undefined
  return {
    url,
    close: (closeOptions) => (closing ??= closeServer(server, closeOptions?.deadlineMs ?? defaultCloseDeadlineMs)),
  }
}

function createGuardedServer(options: HttpListenerOptions): Server {
  const server = createServer({
    headersTimeout: options.headersTimeoutMs ?? defaultHeadersTimeoutMs,
    requestTimeout: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
    connectionsCheckingInterval: connectionsCheckingIntervalMs,
  })
  server.maxConnections = options.maxConnections ?? defaultMaxConnections
  server.maxHeadersCount = maxHeadersCount
  return server
}

function serve(
  options: HttpListenerOptions,
  { request, response, logger }: { request: IncomingMessage; response: ServerResponse; logger: Logger },
): void {
  request.on('error', () => {}) // the client went away: the response's own events say so
  const fail = (thrown: unknown) => {
    const error = toError(thrown)
    logger.error({ error, name: options.name, method: request.method }, `${options.name}: a request failed: ${error.message}`)
    if (response.headersSent) response.destroy()
    else answer(response, 500, 'internal error')
  }
  try {
    options.handler(request, response)?.catch(fail)
  } catch (error) {
    fail(error)
  }
}

function listen(server: Server, { host, port }: ListenAddress, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(addressError(error, { host, port }, name))
    server.once('error', onError)
    server.listen({ port, ...(host !== '' && { host }) }, () => {
      server.off('error', onError)
      resolve()
    })
  })
}

const listenFailures: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use (stop what listens there, or choose another)',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'no such host',
}

function addressError(error: Error, address: ListenAddress, name: string): PromlineError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const reason = listenFailures[code] ?? error.message
  const listen = formatListen(address)
  return new PromlineError('address', `${name}: cannot listen on ${listen}: ${reason}`, { cause: error, facts: { listen } })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function closeServer(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), deadlineMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
