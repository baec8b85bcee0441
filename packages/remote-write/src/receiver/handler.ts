import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import {
  answer,
  authenticate,
  type Batch,
  type Consume,
  type Credential,
  Deadline,
  isPromlineError,
  type Origin,
  readRequestBody,
  toError,
} from '@promline/core'
import { ClientTable } from '../batch/client-table.js'
import { batchOfRequest } from '../batch/to-batch.js'
import { decodeWriteRequest } from '../v1/decode.js'
import { ByteBudget, heldBytes, type Reservation } from './byte-budget.js'
import { checkRequest } from './check-request.js'
import { type ReceiverConfig, type RemoteWriteHandlerOptions, validateReceiverOptions } from './config.js'
import { readBodyKind } from './headers.js'

/** Takes one request of remote write and answers it; resolves when it did, and never rejects. Mountable in node:http, Express and Fastify. */
export type RemoteWriteHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** What a request came to. */
interface Verdict {
  readonly status: number
  /** Why, for the client; '' with 204. */
  readonly text: string
  readonly headers?: OutgoingHttpHeaders
}

/** What a request is taken with. */
interface TakeContext {
  readonly reservation: Reservation
  readonly gone: AbortSignal
  readonly origin: Origin
}

/** Counted from the beginning; more is counted as it comes, so that those who declare much and send little take nobody's place. */
const firstBytes = 64 * 1024
const tooMuch = 'too much data is under way'
const taken: Verdict = { status: 204, text: '' }

/**
 * Receives remote write 1.0. 204 means that `consume` has taken the request; 503 (with `Retry-After`) that it has not, and that the client
 * must come again; 4xx that the request is refused for good and for which reason. Checks run in this order: credentials (401), method
 * (405), content type and encoding (415), size (413), Snappy, the message and its values (400). The body must not have been read before:
 * mount it before any body parser. Throws a PromlineError (`options`).
 * https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
export function createRemoteWriteHandler(options: RemoteWriteHandlerOptions): RemoteWriteHandler {
  const receiver = new Receiver(validateReceiverOptions(options), options.consume)
  return (request, response) => receiver.handle(request, response)
}

class Receiver {
  readonly #config: ReceiverConfig
  readonly #consume: Consume
  readonly #budget: ByteBudget
  readonly #clients = new ClientTable()
  readonly #countRequest: (amount: number, labels: { receiver: string; code: string }) => void
  /** Requests that were not taken since one was: the log says when that begins and when it is over, not each of them. */
  #notTaken = 0

  constructor(config: ReceiverConfig, consume: Consume) {
    this.#config = config
    this.#consume = consume
    this.#budget = new ByteBudget(config.maxPendingBytes)
    this.#countRequest = config.instruments.counter({
      name: 'receiver_requests_total',
      help: 'Requests of remote write by the status they were answered with; 499 where the client went away before.',
      labelNames: ['receiver', 'code'],
    })
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    const onClose = (): void => gone.abort(new Error('the client went away'))
    response.once('close', onClose)
    try {
      const verdict = await this.#receive(request, gone.signal).catch((thrown: unknown) => this.#fail(thrown))
      this.#countRequest(1, { receiver: this.#config.name, code: gone.signal.aborted ? '499' : String(verdict.status) })
      if (!gone.signal.aborted) answer(response, verdict.status, verdict.text, verdict.headers)
    } finally {
      response.off('close', onClose)
    }
  }

  async #receive(request: IncomingMessage, gone: AbortSignal): Promise<Verdict> {
    const credential = authenticate(request.headers.authorization, this.#config.credentials)
    if (credential === undefined && this.#config.credentials.length > 0) {
      return {
        status: 401,
        text: 'credentials are missing or wrong',
        headers: { 'www-authenticate': 'Basic realm="remote write", Bearer' },
      }
    }
    if (request.method !== 'POST')
      return { status: 405, text: `method ${request.method} is not allowed: expected POST`, headers: { allow: 'POST' } }
    if (request.readableEnded) throw new Error('the body was read before: mount the handler before any body parser')
    const kind = readBodyKind(request.headers)
    if ('refusal' in kind) return { status: 415, text: kind.refusal }
    const reservation = this.#budget.reserve(Math.min(Number(request.headers['content-length'] ?? firstBytes), firstBytes))
    if (reservation === undefined) return this.#comeAgain(tooMuch)
    try {
      return await this.#take(request, { reservation, gone, origin: this.#originOf(request, credential) })
    } finally {
      reservation.release()
    }
  }

  async #take(request: IncomingMessage, context: TakeContext): Promise<Verdict> {
    const { maxBodyBytes, maxDecodedBytes, readTimeoutMs, snappy } = this.#config
    let body: Uint8Array
    try {
      const admit = (bytes: number): boolean => bytes <= firstBytes || context.reservation.resize(bytes)
      body = await readRequestBody(request, { maxBytes: maxBodyBytes, timeoutMs: readTimeoutMs, admit })
    } catch (thrown) {
      const status = isPromlineError(thrown) ? Number(thrown.facts['status'] ?? 400) : 400
      if (status === 503) return this.#comeAgain(tooMuch)
      return { status, text: toError(thrown).message }
    }
    try {
      const bytes = snappy.decompress(body, maxDecodedBytes)
      const batch = this.#decode(bytes, context.origin)
      if (batch.columns.length === 0) return taken
      if (!context.reservation.resize(body.length + bytes.length + heldBytes(batch))) return this.#comeAgain(tooMuch)
      return await this.#write(batch, context)
    } catch (thrown) {
      if (isPromlineError(thrown, 'decode') || isPromlineError(thrown, 'limit')) return { status: 400, text: thrown.message }
      throw thrown
    }
  }

  #decode(bytes: Uint8Array, origin: Origin): Batch {
    const { clock, labels, maxFutureMs } = this.#config
    const request = decodeWriteRequest(bytes, labels)
    checkRequest(request, maxFutureMs === 0 ? Number.POSITIVE_INFINITY : clock.nowMs() + maxFutureMs)
    return batchOfRequest(request, origin, this.#clients.get(origin.id, clock.monotonicMs()))
  }

  async #write(batch: Batch, { gone, origin }: TakeContext): Promise<Verdict> {
    const deadline = new Deadline(this.#config.writeTimeoutMs, gone)
    deadline.phase = () => 'waiting for the pipeline to take the request'
    try {
      await deadline.race(this.#consume(batch, { signal: deadline.signal }))
      this.#logTaken()
      return taken
    } catch (thrown) {
      const error = toError(thrown)
      if (!gone.aborted) this.#logNotTaken(error, origin)
      return this.#comeAgain(isPromlineError(error) ? error.message : 'the request was not taken')
    } finally {
      deadline.release()
    }
  }

  #logNotTaken(error: Error, origin: Origin): void {
    const { logger, name } = this.#config
    if (this.#notTaken === 0)
      logger.warn({ error, receiver: name, origin: origin.id }, `requests are answered with 503 until they can be taken: ${error.message}`)
    this.#notTaken++
  }

  #logTaken(): void {
    if (this.#notTaken === 0) return
    const { logger, name } = this.#config
    logger.info({ receiver: name, notTaken: this.#notTaken }, `requests are taken again; ${this.#notTaken} were answered with 503`)
    this.#notTaken = 0
  }

  /** What nobody foresaw: without detail for the client. */
  #fail(thrown: unknown): Verdict {
    const error = toError(thrown)
    this.#config.logger.error({ error, receiver: this.#config.name }, `a request failed: ${error.message}`)
    return { status: 500, text: 'internal error' }
  }

  #comeAgain(reason: string): Verdict {
    return { status: 503, text: `${reason}: come again`, headers: { 'retry-after': String(this.#config.retryAfterSeconds) } }
  }

  #originOf(request: IncomingMessage, credential: Credential | undefined): Origin {
    if (this.#config.originOf !== undefined) return this.#config.originOf(request)
    if (credential === undefined) return { kind: 'client', id: (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '') }
    return { kind: 'client', id: `user ${credential.kind === 'basic' ? credential.username : credential.name}` }
  }
}
