import type { IncomingMessage } from 'node:http'
import { PromlineError } from '../model/errors.js'

export interface RequestBodyOptions {
  /** Largest body accepted, as it comes over the wire. */
  readonly maxBytes: number
  /** The whole body must have come within this time. */
  readonly timeoutMs: number
  /** Asked with the bytes that have come so far; false ends the reading, since others need the room (503). Default: there is room. */
  readonly admit?: (bytes: number) => boolean
}

/**
 * Reads a request's body. Rejects with a PromlineError whose fact `status` is what to answer: `limit` (413) before more than the limit is
 * held and where it was not admitted (503), `timeout` (408) for a body that comes too slowly, `connect` (400) where the client went away in the middle.
 */
export function readRequestBody(request: IncomingMessage, options: RequestBodyOptions): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > options.maxBytes) return reject(tooLarge(options.maxBytes))
    if (request.destroyed) return reject(goneAway(0)) // its events are over: none of them would end the reading
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => settle(tooSlow(options.timeoutMs, size)), options.timeoutMs)
    const onData = (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > options.maxBytes) settle(tooLarge(options.maxBytes))
      else if (options.admit?.(size) === false) settle(noRoom(size))
    }
    const onEnd = () => settle(undefined)
    const onGone = () => settle(goneAway(size))
    const settle = (error: PromlineError | undefined) => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
      if (error === undefined) {
        const whole = Buffer.concat(chunks, size)
        resolve(new Uint8Array(whole.buffer, whole.byteOffset, size))
      } else {
        request.pause()
        request.on('error', () => {}) // what happens to the rest is of no interest
        reject(error)
      }
    }
    request.on('data', onData).once('end', onEnd).once('error', onGone).once('close', onGone)
  })
}

function tooLarge(maxBytes: number): PromlineError {
  return new PromlineError('limit', `the request body is larger than ${maxBytes} bytes`, { facts: { status: 413, maxBytes } })
}

function noRoom(bytes: number): PromlineError {
  return new PromlineError('limit', 'there is no room for more of the request body', { facts: { status: 503, bytes } })
}

function tooSlow(timeoutMs: number, bytes: number): PromlineError {
  const facts = { status: 408, timeoutMs, bytes }
  return new PromlineError('timeout', `the request body did not come within ${timeoutMs} ms`, { facts })
}

function goneAway(bytes: number): PromlineError {
  return new PromlineError('connect', 'the client went away before the end of its request body', { facts: { status: 400, bytes } })
}
