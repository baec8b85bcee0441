import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Agent, type buildConnector } from 'undici'
import type { TlsConfig } from '../client-options.js'
import { limitConnecting } from '../connect-limit.js'
import { keepAliveMs } from '../transport.js'

/** Certificates and keys as they were read. */
export interface TlsMaterial {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
}

/** How connections to a peer are made. */
export interface ConnectorOptions extends TlsMaterial, Pick<TlsConfig, 'serverName' | 'insecureSkipVerify' | 'minVersion' | 'maxVersion'> {
  readonly connectTimeoutMs: number
}

/** What is known of one origin. */
interface Peer {
  /** Requests under way. */
  waiting: number
  /** Connections that are being made for them. */
  readonly attempts: Set<Socket>
}

/** Makes the connections and knows which are being made, so that they are given up with the last request that could use them. */
export class Connector {
  /** The connection pools, one an origin. Its own timeouts are off: a request has one deadline for everything. */
  readonly agent: Agent
  readonly #options: ConnectorOptions
  readonly #peers = new Map<string, Peer>()

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
    return (this.#peers.get(origin)?.attempts.size ?? 0) > 0
  }

  /** A request to an origin begins. */
  enter(origin: string): void {
    const peer = this.#peers.get(origin)
    if (peer === undefined) this.#peers.set(origin, { waiting: 1, attempts: new Set() })
    else peer.waiting++
  }

  /** A request to an origin is over. With the last, the attempts to connect end, which nobody waits for any more. */
  leave(origin: string): void {
    const peer = this.#peers.get(origin)
    if (peer === undefined || --peer.waiting > 0) return
    this.#peers.delete(origin)
    for (const socket of peer.attempts) socket.destroy(new Error('given up connecting'))
  }

  #connect(target: buildConnector.Options, callback: buildConnector.Callback): void {
    const peer = this.#peers.get(`${target.protocol}//${target.host ?? target.hostname}`)
    // undici connects once more for requests that were given up; a peer that does not answer would keep that for minutes.
    if (peer === undefined) {
      callback(new Error('nobody waits for the connection'), null)
      return
    }
    const secure = target.protocol === 'https:'
    const socket = secure ? this.#connectTls(target) : connectTcp({ host: target.hostname, port: Number(target.port || 80) })
    socket.setNoDelay(true).setKeepAlive(true, 60_000)
    limitConnecting(socket, secure ? 'secureConnect' : 'connect', this.#options.connectTimeoutMs)
    peer.attempts.add(socket)
    let settled = false
    const settle = (...result: Parameters<buildConnector.Callback>) => {
      if (settled) return
      settled = true
      peer.attempts.delete(socket)
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
