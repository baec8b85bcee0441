import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { PromlineError } from '../model/errors.js'
import type { BodyConsumer } from './client-options.js'

/** Inflated in pieces of this size: four times Node's own, for bodies of megabytes. */
const inflateChunkBytes = 64 * 1024

/** Refuses a content encoding that was not asked for. Returns whether the body is gzip. */
export function isGzip(contentEncoding: string | undefined): boolean {
  const encoding = (contentEncoding ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return false
  if (encoding === 'gzip' || encoding === 'x-gzip') return true
  throw new PromlineError('protocol', `the content-encoding ${JSON.stringify(encoding)} is not supported: only gzip is asked for`)
}

/**
 * Hands the body on, inflated where it is gzip and counted as it inflates, so that a bomb costs what the limit allows and no more. Rejects
 * with a PromlineError (`limit`) as soon as `maxBytes` are reached; the body is destroyed then.
 */
export async function readResponseBody(
  body: Readable,
  options: { gzip: boolean; maxBytes: number; consumer: BodyConsumer },
): Promise<void> {
  // What ends the pipeline early ends the loop below with the same error.
  const stream: Readable = options.gzip ? pipeline(body, createGunzip({ chunkSize: inflateChunkBytes }), () => {}) : body
  let size = 0
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a body stream gives buffers')
    size += chunk.length
    if (size >= options.maxBytes) throw bodyLimitError(options.maxBytes)
    await options.consumer(chunk)
  }
}

/** The error of a body that reached its limit. */
export function bodyLimitError(maxBytes: number): PromlineError {
  return new PromlineError('limit', `the body reaches the limit of ${maxBytes} bytes`, { facts: { maxBytes } })
}
