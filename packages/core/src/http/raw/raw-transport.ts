import type { Deadline } from '../deadline.js'
import type { ResponseReceiver, Transport, WireRequest } from '../transport.js'
import { RawConnection } from './raw-connection.js'

/**
 * HTTP/1.1 over plain sockets. Connections are kept for each server; as many are made as there are requests at one time, so that none waits
 * for another.
 */
export class RawTransport implements Transport {
  /** Connections that nobody uses, by host and port; the one that was used last is at the end. */
  readonly #idle = new Map<string, RawConnection[]>()
  readonly #connectTimeoutMs: number

  constructor(connectTimeoutMs: number) {
    this.#connectTimeoutMs = connectTimeoutMs
  }

  async exchange(request: WireRequest, receiver: ResponseReceiver, deadline: Deadline): Promise<void> {
    let connection = this.#wakeIdle(request.url.host) ?? this.#open(request.url)
    try {
      await connection.exchange(request, receiver, deadline)
    } catch (error) {
      // One more try is safe for what only asks (RFC 9110 9.2.2), and is made on a connection that cannot be stale.
      if (request.method !== 'GET' || !connection.wasStale) throw error
      connection = this.#open(request.url)
      await connection.exchange(request, receiver, deadline)
    } finally {
      if (connection.isReusable) this.#keep(request.url.host, connection)
    }
  }

  async close(): Promise<void> {
    for (const connections of this.#idle.values()) for (const connection of connections) connection.destroy()
  }

  #open(url: URL): RawConnection {
    return new RawConnection(url, this.#connectTimeoutMs, (closed) => this.#forget(url.host, closed))
  }

  #wakeIdle(host: string): RawConnection | undefined {
    const idle = this.#idle.get(host)
    for (let connection = idle?.pop(); connection !== undefined; connection = idle?.pop()) {
      if (!connection.isReusable) continue
      connection.wake()
      return connection
    }
    return undefined
  }

  #keep(host: string, connection: RawConnection): void {
    const idle = this.#idle.get(host)
    if (idle === undefined) this.#idle.set(host, [connection])
    else idle.push(connection)
    connection.rest()
  }

  #forget(host: string, closed: RawConnection): void {
    const left = this.#idle.get(host)?.filter((connection) => connection !== closed)
    if (left === undefined) return
    if (left.length > 0) this.#idle.set(host, left)
    else this.#idle.delete(host)
  }
}
