import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { PromlineError, toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import { refuseClientCertificate } from './client-certificate.js'
import { ServerTlsMaterial } from './server-tls-material.js'
import { type ServerTlsOptions, validateServerTls } from './server-tls-options.js'

/** How long a client that is refused may take to ask something, and to read why: it has just finished a handshake. */
const turnAwayMs = 2000

export interface SecureServerOptions {
  /** Says in messages who listens. */
  readonly name: string
  readonly logger: Logger
  readonly server: ServerOptions
  /** The settings as they are now: the same object while they stay the same. */
  readonly tls: () => Promise<ServerTlsOptions>
}

/**
 * An HTTPS server, not listening yet, that sees its files as they are when a client connects. Rejects with a PromlineError (`options`,
 * `tls`) for settings that contradict each other and files that cannot be used. Later ones that cannot be used are logged, once, and
 * those from before are kept.
 */
export async function createSecureServer(options: SecureServerOptions): Promise<Server> {
  const secure = new SecureServer(options)
  return secure.open()
}

class SecureServer {
  readonly #options: SecureServerOptions
  #tls: ServerTlsOptions | undefined
  #material: ServerTlsMaterial | undefined
  #context: object | undefined
  #server: Server | undefined
  #renewing: Promise<void> | undefined
  #failure = ''

  constructor(options: SecureServerOptions) {
    this.#options = options
  }

  async open(): Promise<Server> {
    const tls = await this.#options.tls()
    validateServerTls(tls)
    const material = new ServerTlsMaterial(tls)
    const context = await material.load()
    const { clientAuth = 'none' } = tls
    // Node would only close the connection of a client whose certificate it refuses: it is looked at here, and the client is told.
    const asked = { requestCert: clientAuth !== 'none', rejectUnauthorized: false }
    const server = createServer({ ...this.#options.server, ...context, ...asked })
    this.#tls = tls
    this.#material = material
    this.#context = context
    this.#server = server
    this.#lookBeforeHandshakes(server)
    this.#checkClientsBeforeRequests(server)
    server.on('tlsClientError', (error) =>
      this.#options.logger.debug({ error }, `${this.#options.name}: a TLS handshake failed: ${error.message}`),
    )
    return server
  }

  /** Node begins the handshake at the event `connection`; that waits until the files were looked at. */
  #lookBeforeHandshakes(server: Server): void {
    const begin = server.listeners('connection')
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) => {
      const onError = (): void => {} // gone before the handshake: nobody to tell
      socket.on('error', onError)
      this.#renew()
        .then(() => {
          socket.off('error', onError)
          if (!socket.destroyed) for (const listener of begin) listener.call(server, socket)
        })
        .catch((error: unknown) => socket.destroy(toError(error)))
    })
  }

  /** Clients that come together look together. Never rejects. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#load()
      .then(
        () => this.#report(''),
        (error: unknown) => this.#report(toError(error).message),
      )
      .finally(() => {
        this.#renewing = undefined
      })
    return this.#renewing
  }

  async #load(): Promise<void> {
    const tls = await this.#options.tls()
    let material = this.#material
    if (tls !== this.#tls || material === undefined) {
      validateServerTls(tls)
      if ((tls.clientAuth ?? 'none') !== (this.#tls?.clientAuth ?? 'none')) {
        throw new PromlineError('options', 'another clientAuth needs a restart', { facts: { option: 'clientAuth' } })
      }
      material = new ServerTlsMaterial(tls)
    }
    const context = await material.load()
    this.#tls = tls
    this.#material = material
    if (context === this.#context) return
    // With its context go the keys of its tickets: no session of before is resumed.
    this.#server?.setSecureContext(context)
    this.#context = context
    this.#options.logger.info({}, `${this.#options.name}: TLS goes on with files that have changed`)
  }

  #report(failure: string): void {
    const { name, logger } = this.#options
    if (failure !== '' && failure !== this.#failure) logger.error({}, `${name}: TLS goes on with what it had: ${failure}`)
    this.#failure = failure
  }

  /** Node begins to read requests at the event `secureConnection`: those of a client that is refused are not read. */
  #checkClientsBeforeRequests(server: Server): void {
    const begin = server.listeners('secureConnection')
    server.removeAllListeners('secureConnection')
    server.on('secureConnection', (socket: TLSSocket) => {
      const refusal = this.#tls === undefined ? undefined : refuseClientCertificate(socket, this.#tls)
      if (refusal === undefined) for (const listener of begin) listener.call(server, socket)
      else this.#turnAway(socket, refusal)
    })
  }

  /** Says why, to whatever the client asks, and ends the connection. */
  #turnAway(socket: TLSSocket, refusal: string): void {
    const { name, logger } = this.#options
    logger.info({ client: socket.remoteAddress }, `${name}: a connection is refused: ${refusal}`)
    const timer = setTimeout(() => socket.destroy(), turnAwayMs)
    socket.on('error', () => {}).once('close', () => clearTimeout(timer))
    // Not before it asks, or a client takes it for an answer to nothing.
    socket.once('data', () => {
      socket.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: ${refusal.length + 1}\r\nconnection: close\r\n\r\n${refusal}\n`,
      )
      socket.resume()
    })
  }
}
