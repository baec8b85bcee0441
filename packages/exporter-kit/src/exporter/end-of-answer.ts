import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** One listener for each connection, however many pipelined requests it carries: ten of them would be a warning of Node's. */
const waiting = new WeakMap<Socket, Set<() => void>>()

/** Whether nobody reads this answer any more: it was sent, or its connection is gone. */
export function isOver(response: ServerResponse): boolean {
  return response.closed || response.req.socket.destroyed
}

/**
 * Calls back once, when the answer is sent or its connection is gone. The event `close` of the response does not tell alone: Node emits none
 * for the answers to pipelined requests whose turn did not come.
 */
export function whenOver(response: ServerResponse, callback: () => void): void {
  const callbacks = callbacksOf(response.req.socket)
  const over = (): void => {
    if (callbacks.delete(over)) callback()
  }
  callbacks.add(over)
  response.once('close', over)
}

function callbacksOf(socket: Socket): Set<() => void> {
  const known = waiting.get(socket)
  if (known !== undefined) return known
  const callbacks = new Set<() => void>()
  waiting.set(socket, callbacks)
  const callAll = (): void => {
    for (const over of callbacks) over()
  }
  // An adapter that has no connection, as of serverless functions, may give a bare object.
  if (socket instanceof EventEmitter) socket.once('close', callAll)
  return callbacks
}
