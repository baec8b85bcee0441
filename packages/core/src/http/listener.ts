import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { PromlineError, systemCode, toError } from '../model/errors.js'
import { type Logger, silentLogger } from '../model/logger.js'
import { answer } from './answer.js'
import { continueOnceRead } from './expect-continue.js'
import { formatListen, type ListenAddress, parseListen, urlOfAddress } from './listen-address.js'
import { createSecureServer } from './secure-server.js'
import type { ServerTlsOptions } from './server-tls-options.js'
import { KeptWebConfig, WebConfigGuard, type WebConfigSource } from './web-config.js'

export interface HttpListenerOptions {
  /** Says in messages who listens: `exporter`, `remote_write_receiver`. */
  readonly name: string
  /** See `parseListen`; port 0 takes a free one. */
  readonly listen: string
  /** A throw or a rejection is answered with 500, without detail, and logged. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
  readonly logger?: Logger
  /** Speaks TLS. Files are looked at whenever a client connects: a renewed certificate needs no restart. Default: plain HTTP. */
  readonly tls?: ServerTlsOptions
  /**
   * Prometheus' web.config file (`webConfigFile`): its TLS, its users, who are asked for before the handler, and its headers. Excludes `tls`.
   * Users, headers and certificates are those of the file as it is; whether TLS is spoken at all is decided at the start.
   */
  readonly webConfig?: WebConfigSource
  /** The headers of a request must have come within this time, else 408. Default 10,000 (Node: 60,000). */
  readonly headersTimeoutMs?: number
  /** A whole request must have come within this time, else 408. Default 30,000 (Node: 300,000). */
  readonly requestTimeoutMs?: number
  /** Connections at one time; more are dropped. Default 1,000 (Node: any number). */
  readonly maxConnections?: number
}

export interface HttpListener {
  /** `http://host:port`, `https:` with TLS, and the port that was taken. */
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
 * Listens on an address with guards against slow-loris clients. Rejects with a PromlineError that says in one line why it cannot:
 * `address` (the port is in use, permission denied, not an address of this machine), `tls` (a file that cannot be used), `options`, or
 * `config` (a web.config file that is broken).
 */
export async function createHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const address = parseListen(options.listen)
  const { name, logger = silentLogger } = options
  if (options.tls !== undefined && options.webConfig !== undefined) {
    throw new PromlineError('options', `${name}: tls and webConfig exclude each other`, { facts: { option: 'webConfig' } })
  }
  const webConfig = options.webConfig && (await KeptWebConfig.open(options.webConfig, { name, logger }))
  const tls = await tlsReader(options.tls, webConfig)
  const server = await createGuardedServer(options, tls)
  const handler = webConfig === undefined ? options.handler : guarded(options.handler, new WebConfigGuard(webConfig))
  server.on('request', (request, response) => {
    // A kept connection that outlives `server.close` would hold it up to its idle timeout.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
    serve({ name, handler, logger }, request, response)
  })
  server.on('checkContinue', (request, response) => {
    continueOnceRead(request, response)
    server.emit('request', request, response)
  })
  const sockets = trackSockets(server)
  await listen(server, address, name)
  server.on('error', (error) => logger.error({ error, name }, `${name}: ${error.message}`))
  const url = urlOfAddress({ host: address.host, port: portOf(server) }, tls === undefined ? 'http' : 'https')
  let closing: Promise<void> | undefined
  return {
    url,
    close: (closeOptions) => (closing ??= closeServer(server, sockets, closeOptions?.deadlineMs ?? defaultCloseDeadlineMs)),
  }
}

type WebServer = Server | SecureServer
type Handler = HttpListenerOptions['handler']

/** What reads the settings of TLS as they are now; undefined where none is spoken. */
async function tlsReader(
  given: ServerTlsOptions | undefined,
  webConfig: KeptWebConfig | undefined,
): Promise<(() => Promise<ServerTlsOptions>) | undefined> {
  if (given !== undefined) return () => Promise.resolve(given)
  if (webConfig === undefined || (await webConfig.read()).tls === undefined) return undefined
  return async () => {
    const { tls } = await webConfig.read()
    if (tls === undefined) throw new PromlineError('options', 'to speak plain HTTP again needs a restart')
    return tls
  }
}

async function createGuardedServer(options: HttpListenerOptions, tls: (() => Promise<ServerTlsOptions>) | undefined): Promise<WebServer> {
  const { name, logger = silentLogger, headersTimeoutMs = defaultHeadersTimeoutMs } = options
  const guards: ServerOptions = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
    connectionsCheckingInterval: connectionsCheckingIntervalMs,
  }
  const server =
    tls === undefined
      ? createServer(guards)
      : await createSecureServer({ name, logger, server: { ...guards, handshakeTimeout: headersTimeoutMs }, tls })
  server.maxConnections = options.maxConnections ?? defaultMaxConnections
  server.maxHeadersCount = maxHeadersCount
  return server
}

function guarded(handler: Handler, guard: WebConfigGuard): Handler {
  return async (request, response) => {
    if (await guard.admit(request, response)) await handler(request, response)
  }
}

function serve(
  { name, handler, logger }: { readonly name: string; readonly handler: Handler; readonly logger: Logger },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.on('error', () => {}) // the client went away: the response's own events say so
  const fail = (thrown: unknown) => {
    const error = toError(thrown)
    logger.error({ error, name, method: request.method }, `${name}: a request failed: ${error.message}`)
    if (response.headersSent) response.destroy()
    else answer(response, 500, 'internal error')
  }
  try {
    handler(request, response)?.catch(fail)
  } catch (error) {
    fail(error)
  }
}

function listen(server: WebServer, { host, port }: ListenAddress, name: string): Promise<void> {
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
  const code = systemCode(error) ?? ''
  const reason = listenFailures[code] ?? error.message
  const listen = formatListen(address)
  return new PromlineError('address', `${name}: cannot listen on ${listen}: ${reason}`, { cause: error, facts: { listen } })
}

function portOf(server: WebServer): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Those that are open. Node's own list has those alone that speak HTTP already: no handshakes, which would hold `server.close` for 10 s. */
function trackSockets(server: WebServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

function closeServer(server: WebServer, sockets: ReadonlySet<Socket>, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, deadlineMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
