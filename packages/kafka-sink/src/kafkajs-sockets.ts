import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** As kafkajs; it notices a peer that went without a word, where the system's default of two hours would not. */
const keepAliveDelayMs = 60_000

/** What kafkajs asks for. */
export interface SocketRequest {
  readonly host: string
  readonly port: number
  /** kafkajs says null where its types say undefined. */
  readonly ssl: ConnectionOptions | null | undefined
  readonly onConnect: () => void
}

/**
 * The sockets of one client. kafkajs cannot be stopped: after `disconnect()` a send that is in its retries connects again and stores its
 * records behind later ones, and a black-holed connection stays. What has no socket sends nothing.
 */
export class ClientSockets {
  readonly #open = new Set<Socket>()
  #closed = false

  /** Throws after `close()`. */
  connect({ host, port, ssl, onConnect }: SocketRequest): Socket {
    if (this.#closed) throw new Error('the client is closed')
    const socket = ssl ? connectTls({ host, port, ...serverName(host), ...ssl }, onConnect) : connectTcp({ host, port }, onConnect)
    socket.setNoDelay(true).setKeepAlive(true, keepAliveDelayMs)
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    return socket
  }

  /** Ends all connections at once and for good. The error makes kafkajs settle what waits for an answer. */
  close(): void {
    this.#closed = true
    for (const socket of this.#open) socket.destroy(new Error('the client was closed'))
  }
}

/** An address cannot be a server name (RFC 6066). */
function serverName(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {}
}
