import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { answer, type Batch, type Consume, Deadline, isPromlineError, readRequestBody, refuseLogin, toError } from '@promline/core'
import { ClientTable } from '../batch/client-table.js'
import { batchOfRequest } from '../batch/to-batch.js'
import { decodeWriteRequest } from '../v1/decode.js'
import { heldBytes, type Reservation } from './byte-budget.js'
import { type Caller, Callers } from './callers.js'
import { checkRequest, refuseConflicts, refuseUnread } from './check-request.js'
import { type ReceiverConfig, type RemoteWriteHandlerOptions, validateReceiverOptions } from './config.js'
import { readBodyKind } from './headers.js'
import { ReceiverLog } from './receiver-log.js'
import { RequestCounts } from './request-counts.js'

/** Takes one request of remote write and answers it; resolves when it did, and never rejects. Mountable in node:http, Express and Fastify. */
export type RemoteWriteHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** What a request came to. */
interface Verdict {
  readonly status: number
  /** Why, for the client; '' with 204. */
  readonly text: string
  readonly headers?: OutgoingHttpHeaders
  /** The log has said what there is to say. */
  readonly logged?: true
}

/** One request under way. */
interface Exchange {
  readonly request: IncomingMessage
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal
  /** Once it is proven. */
  caller: Caller | undefined
}

/** What a request is taken with. */
interface TakeContext {
  readonly reservation: Reservation
  readonly gone: AbortSignal
  readonly caller: Caller
}

/** Counted from the beginning; more is counted as it comes, so that those who declare much and send little take nobody's place. */
const firstBytes = 64 * 1024
const tooMuch = 'too much data is under way'
const taken: Verdict = { status: 204, text: '' }
/** The value of `www-authenticate`. */
const challenge = 'Basic realm="remote write", Bearer'

/**
 * Receives remote write 1.0. 204 means that `consume` has taken the request; 503 (with `Retry-After`) that it has not, and that the client
 * must come again; 4xx that the request is refused for good and for which reason. Checks run in this order: credentials (401), method
 * (405), content type and encoding (415), size (413), Snappy, the message, its values and enforced labels (400). The body must not have
 * been read before: mount it before any body parser. Throws a PromlineError (`options`).
 * https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
export function createRemoteWriteHandler(options: RemoteWriteHandlerOptions): RemoteWriteHandler {
  const receiver = new Receiver(validateReceiverOptions(options), options.consume)
  return (request, response) => receiver.handle(request, response)
}

class Receiver {
  readonly #config: ReceiverConfig
  readonly #consume: Consume
  readonly #callers: Callers
  readonly #clients = new ClientTable()
  readonly #counts: RequestCounts
  readonly #log: ReceiverLog

  constructor(config: ReceiverConfig, consume: Consume) {
    this.#config = config
    this.#consume = consume
    this.#callers = new Callers(config)
    this.#counts = new RequestCounts(config)
    this.#log = new ReceiverLog(config)
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    const onClose = (): void => gone.abort(new Error('the client went away'))
    response.once('close', onClose)
    try {
      const exchange: Exchange = { request, gone: gone.signal, caller: undefined }
      const verdict = await this.#receive(exchange).catch((thrown: unknown) => this.#fail(thrown))
      const { status, text, headers, logged } = verdict
      const client = exchange.caller?.client?.name
      this.#counts.request(gone.signal.aborted ? '499' : String(status), client)
      if (gone.signal.aborted) return
      if (status >= 400 && logged === undefined) this.#log.refused({ client, address: request.socket.remoteAddress, status, text })
      answer(response, status, text, headers)
    } finally {
      response.off('close', onClose)
    }
  }

  async #receive(exchange: Exchange): Promise<Verdict> {
    const { request, gone } = exchange
    const caller = await this.#callers.identify(request)
    if (caller === undefined || caller === 'busy') return refuseLogin(caller, challenge)
    exchange.caller = caller
    if (request.method !== 'POST')
      return { status: 405, text: `method ${request.method} is not allowed: expected POST`, headers: { allow: 'POST' } }
    if (request.readableEnded) throw new Error('the body was read before: mount the handler before any body parser')
    const kind = readBodyKind(request.headers)
    if ('refusal' in kind) return { status: 415, text: kind.refusal }
    const reservation = caller.budget.reserve(Math.min(Number(request.headers['content-length'] ?? firstBytes), firstBytes))
    if (reservation === undefined) return this.#comeAgain(tooMuch)
    try {
      return await this.#take(request, { reservation, gone, caller })
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
      const batch = this.#decode(bytes, context.caller)
      if (batch.columns.length === 0) return taken
      if (!context.reservation.resize(body.length + bytes.length + heldBytes(batch))) return this.#comeAgain(tooMuch)
      return await this.#write(batch, context)
    } catch (thrown) {
      if (isPromlineError(thrown, 'decode') || isPromlineError(thrown, 'limit')) return { status: 400, text: thrown.message }
      throw thrown
    }
  }

  #decode(bytes: Uint8Array, { origin, client }: Caller): Batch {
    const { clock, labels, maxFutureMs } = this.#config
    // Apart: an origin that somebody else was given may be called as a client is, and must not take its place, or go without its labels.
    const key = client === undefined ? `origin ${origin.id}` : `client ${client.name}`
    const series = this.#clients.get(key, clock.monotonicMs(), client?.enforced)
    const request = decodeWriteRequest(bytes, labels, series.known)
    refuseUnread(request, bytes)
    checkRequest(request, maxFutureMs === 0 ? Number.POSITIVE_INFINITY : clock.nowMs() + maxFutureMs)
    if (client?.onConflict === 'refuse' && client.enforced !== undefined) refuseConflicts(request, client.enforced, client.name)
    const before = series.replaced
    const batch = batchOfRequest(request, origin, series)
    if (client !== undefined && series.replaced > before) {
      this.#counts.replaced(series.replaced - before, client.name)
      this.#log.replaced(client.name)
    }
    return batch
  }

  async #write(batch: Batch, { gone, caller }: TakeContext): Promise<Verdict> {
    const deadline = new Deadline(this.#config.writeTimeoutMs, gone)
    deadline.phase = () => 'waiting for the pipeline to take the request'
    try {
      await deadline.race(this.#consume(batch, { signal: deadline.signal }))
      this.#log.taken()
      return taken
    } catch (thrown) {
      const error = toError(thrown)
      if (!gone.aborted) this.#log.notTaken(error, caller.origin.id)
      return { ...this.#comeAgain(isPromlineError(error) ? error.message : 'the request was not taken'), logged: true }
    } finally {
      deadline.release()
    }
  }

  /** What nobody foresaw: without detail for the client. */
  #fail(thrown: unknown): Verdict {
    this.#log.failed(toError(thrown))
    return { status: 500, text: 'internal error', logged: true }
  }

  #comeAgain(reason: string): Verdict {
    return { status: 503, text: `${reason}: come again`, headers: { 'retry-after': String(this.#config.retryAfterSeconds) } }
  }
}
