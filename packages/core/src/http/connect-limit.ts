import type { Socket } from 'node:net'
import { PromlineError } from '../model/errors.js'

/**
 * A system asks for a connection again after 1, 3 and 7 s, and then after 15 s only: whoever begins anew before that is there sooner when a
 * network has healed.
 */
export const defaultConnectTimeoutMs: number = 8_000
/** A timer this late says that this process was busy: the connection may have been made, and nobody has looked yet. */
const busyProcessMs = 100
/** Then it has this much longer. */
const busyGraceMs = 1_000

/** Ends a socket that is not connected in time with a PromlineError (`timeout`). `event` says that it is. */
export function limitConnecting(socket: Socket, event: 'connect' | 'secureConnect', timeoutMs: number): void {
  const expire = (): void => {
    socket.destroy(new PromlineError('timeout', `timed out after ${timeoutMs} ms while connecting`, { facts: { timeoutMs } }))
  }
  const dueMs = performance.now() + timeoutMs
  let timer = setTimeout(() => {
    if (performance.now() - dueMs < busyProcessMs) expire()
    else timer = setTimeout(expire, busyGraceMs)
  }, timeoutMs)
  const stop = (): void => clearTimeout(timer)
  socket.once(event, stop).once('close', stop)
}
