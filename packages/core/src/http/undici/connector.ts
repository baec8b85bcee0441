import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Agent, type buildConnector } from 'undici'
import type { TlsConfig } from '../client-options.js'
import { keepAliveMs } from '../transport.js'

/** Certificates and keys as they were read. */
export interface TlsMaterial {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
}

/** How connections to a peer are made. */
export interface ConnectorOptions extends TlsMaterial, Pick<TlsConfig, 'serverName' | 'insecureSkipVerify' | 'minVersion' | 'maxVersion'> {}

/** Makes the connections and knows which are being made, so that they can be given up with the request that wanted them. */
export class Connector {
  /** The connection pools, one an origin. Its own timeouts are off: a request has one deadline for everything. */
  readonly agent: Agent
  readonly #options: ConnectorOptions
  readonly #connecting = new Map<string, Set<Socket>>()

  constructor(options: ConnectorOptions) {
    this.#options = options
    this.agent = new Agent({
      connect: (target, callback) => this.#connect(target, callback),
      keepAliveTimeout: keepAliveMs,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  isConnecting(origin: string): boolean {
    return this.#connecting.has(origin)
  }

  /** Ends the attempts to connect to an origin that nobody waits for any more. */
  abandon(origin: string): void {
    for (const socket of this.#connecting.get(origin) ?? []) socket.destroy(new Error('given up connecting'))
  }

  #connect(target: buildConnector.Options, callback: buildConnector.Callback): void {
    const secure = target.protocol === 'https:'
    const socket = secure ? this.#connectTls(target) : connectTcp({ host: target.hostname, port: Number(target.port || 80) })
    socket.setNoDelay(true).setKeepAlive(true, 60_000)
    const origin = `${target.protocol}//${target.host ?? target.hostname}`
    const attempts = this.#connecting.get(origin) ?? new Set()
    this.#connecting.set(origin, attempts.add(socket))
    let settled = false
    const settle = (...result: Parameters<buildConnector.Callback>) => {
      if (settled) return
      settled = true
      attempts.delete(socket)
      if (attempts.size === 0) this.#connecting.delete(origin)
      callback(...result)
    }
    socket.once(secure ? 'secureConnect' : 'connect', () => settle(null, socket))
    // Stays for the life of the socket: an error after the connect is told to the request by undici, and must not be thrown as well.
    socket.on('error', (error) => settle(error, null))
    socket.once('close', () => settle(new Error('the connection was closed while connecting'), null))
  }

  #connectTls(target: buildConnector.Options): Socket {
    const { serverName, insecureSkipVerify, ca, cert, key, minVersion, maxVersion } = this.#options
    return connectTls({
      host: target.hostname,
      port: Number(target.port || 443),
      // An address cannot be a server name (RFC 6066); Node then checks the certificate against the host.
      servername: serverName ?? (isIP(target.hostname) === 0 ? target.hostname : ''),
      rejectUnauthorized: insecureSkipVerify !== true,
      ALPNProtocols: ['http/1.1'],
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(minVersion !== undefined && { minVersion }),
      ...(maxVersion !== undefined && { maxVersion }),
    })
  }
}
