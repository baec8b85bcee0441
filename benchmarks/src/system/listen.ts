import { once } from 'node:events'
import type { Server } from 'node:http'

/** A server on a free port of the loopback interface. */
export interface Listening {
  /** host:port. */
  readonly address: string
  close(): Promise<void>
}

/** Starts a server, and gives `state` its address. */
export async function listen<S extends object>(server: Server, state: S): Promise<S & Listening> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server without a port')
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  // Not a spread: the state may have getters.
  return Object.assign(state, { address: `127.0.0.1:${bound.port}`, close })
}
