import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import { isPromlineError, PromlineError, toError } from '../model/errors.js'
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
  try {
    return new SecureServer(options, await loadSettings(await options.tls())).server
  } catch (error) {
    if (!isPromlineError(error)) throw error
    throw new PromlineError(error.code, `${options.name}: ${error.message}`, { cause: error, facts: error.facts })
  }
}

/** Settings, and the files that they name as they are now. */
interface LoadedSettings {
  readonly tls: ServerTlsOptions
  readonly material: ServerTlsMaterial
  /** What was loaded last. */
  readonly context: SecureContextOptions
}

async function loadSettings(tls: ServerTlsOptions): Promise<LoadedSettings> {
  validateServerTls(tls)
  const material = new ServerTlsMaterial(tls)
  return { tls, material, context: await material.load() }
}

class SecureServer {
  readonly server: Server
  readonly #options: SecureServerOptions
  #settings: LoadedSettings
  #renewing: Promise<void> | undefined
  #failure = ''

  constructor(options: SecureServerOptions, settings: LoadedSettings) {
    const { name, logger } = options
    const { clientAuth = 'none' } = settings.tls
    // Node would only close the connection of a client whose certificate it refuses: it is looked at here, and the client is told.
    const asked = { requestCert: clientAuth !== 'none', rejectUnauthorized: false }
    this.server = createServer({ ...options.server, ...settings.context, ...asked })
    this.server.on('tlsClientError', (error) => logger.debug({ error }, `${name}: a TLS handshake failed: ${error.message}`))
    this.#options = options
    this.#settings = settings
    this.#lookBeforeHandshakes()
    this.#checkClientsBeforeRequests()
  }

  /** Node begins the handshake at the event `connection`; that waits until the files were looked at. */
  #lookBeforeHandshakes(): void {
    const { server } = this
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
    const before = this.#settings
    const tls = await this.#options.tls()
    if (tls === before.tls) this.#settings = { ...before, context: await before.material.load() }
    else {
      const { clientAuth = 'none' } = before.tls
      if ((tls.clientAuth ?? 'none') !== clientAuth) {
        throw new PromlineError('options', 'another clientAuth needs a restart', { facts: { option: 'clientAuth' } })
      }
      this.#settings = await loadSettings(tls)
    }
    if (this.#settings.context === before.context) return
    // With its context go the keys of its tickets: no session of before is resumed.
    this.server.setSecureContext(this.#settings.context)
    this.#options.logger.info({}, `${this.#options.name}: TLS goes on with files that have changed`)
  }

  #report(failure: string): void {
    const { name, logger } = this.#options
    if (failure !== '' && failure !== this.#failure) logger.error({}, `${name}: TLS goes on with what it had: ${failure}`)
    this.#failure = failure
  }

  /** Node begins to read requests at the event `secureConnection`: those of a client that is refused are not read. */
  #checkClientsBeforeRequests(): void {
    const { server } = this
    const begin = server.listeners('secureConnection')
    server.removeAllListeners('secureConnection')
    server.on('secureConnection', (socket: TLSSocket) => {
      const refusal = refuseClientCertificate(socket, this.#settings.tls)
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
