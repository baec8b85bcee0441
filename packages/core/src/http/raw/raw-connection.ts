import { connect, type Socket } from 'node:net'
import { PromlineError } from '../../model/errors.js'
import type { Deadline } from '../deadline.js'
import { limitConnecting } from '../connect-limit.js'
import { keepAliveMs, type ResponseReceiver, type WireRequest } from '../transport.js'
import { type BodyDecoder, createBodyDecoder } from './body-decoder.js'
import { HeadReader, type ResponseHead } from './head-reader.js'
import { keptForMs } from './keep-alive.js'
import { type ReadBuffer, sharedReadBuffer } from './read-buffer.js'
import { formatRequestHead } from './request-head.js'

/**
 * The exchange that a connection is busy with. A class, as is all that lives from the request to its answer: while these were literals,
 * whole scrapes stayed in memory until a full collection, once the process had been behind. They did not with V8's
 * `--no-allocation-site-pretenuring`, so it seems that V8 makes such literals in the old generation.
 */
class Exchange {
  readonly receiver: ResponseReceiver
  readonly deadline: Deadline
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  /** Whether any byte of an answer came. */
  isAnswered = false
  reader: HeadReader = new HeadReader()
  answer: Answer | undefined

  constructor(
    receiver: ResponseReceiver,
    deadline: Deadline,
    settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void },
  ) {
    this.receiver = receiver
    this.deadline = deadline
    this.resolve = settle.resolve
    this.reject = settle.reject
  }
}

/** The answer of an exchange, once its head is there. */
class Answer {
  readonly head: ResponseHead
  readonly body: BodyDecoder

  constructor(head: ResponseHead) {
    this.head = head
    this.body = createBodyDecoder(head)
  }
}

/** One connection to one server, for one exchange at a time. It ends with the first thing that goes wrong. */
export class RawConnection {
  readonly #socket: Socket
  readonly #buffer: ReadBuffer = sharedReadBuffer()
  readonly #phase = (): string => this.#doing
  readonly #onFailure = (error: unknown): void => this.#fail(error)
  #doing = 'connecting'
  #exchange: Exchange | undefined
  #exchanges = 0
  /** Whether a consumer is not done with what was read. */
  #isPaused = false
  #idleMs = keepAliveMs
  /** Undefined while it is used. */
  #restsSinceMs: number | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #idleTimerMs = 0
  #wasStale = false

  /** @param onClose told when the connection has ended. */
  constructor(url: URL, connectTimeoutMs: number, onClose: (connection: RawConnection) => void) {
    this.#socket = connect({
      host: url.hostname.replace(/^\[|\]$/g, ''), // those of an IPv6 address
      port: Number(url.port || 80),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      onread: { buffer: this.#buffer.bytes, callback: (count) => this.#read(count) },
    })
    limitConnecting(this.#socket, 'connect', connectTimeoutMs)
    this.#socket
      .once('connect', () => {
        this.#doing = 'waiting for the answer'
      })
      .on('error', (error) => this.#lose(error))
      .once('end', () => this.#end())
      .once('close', () => {
        this.#lose(closedByPeer())
        clearTimeout(this.#idleTimer)
        onClose(this)
      })
  }

  /** Whether another exchange may follow. */
  get isReusable(): boolean {
    return this.#exchange === undefined && !this.#socket.destroyed
  }

  /** Whether the server had closed the kept connection before anything of an answer came: perhaps before it saw the request. */
  get wasStale(): boolean {
    return this.#wasStale
  }

  /** See `Transport.exchange`. */
  exchange(request: WireRequest, receiver: ResponseReceiver, deadline: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#exchange = new Exchange(receiver, deadline, { resolve, reject })
      this.#exchanges++
      deadline.phase = this.#phase
      deadline.onFailure = this.#onFailure
      this.#send(formatRequestHead(request), request.body)
    })
  }

  /** Keeps the connection unused for as long as the server allows, without keeping the process alive for it. */
  rest(): void {
    this.#socket.unref()
    this.#restsSinceMs = performance.now()
    if (this.#idleTimer === undefined || this.#idleMs < this.#idleTimerMs) this.#watchRest(this.#idleMs)
  }

  /** Ends the rest. */
  wake(): void {
    this.#restsSinceMs = undefined
    this.#socket.ref()
    this.#doing = 'waiting for the answer'
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Ends the connection when it has rested for long enough. One timer for many rests: most are over long before. */
  #watchRest(delayMs: number): void {
    clearTimeout(this.#idleTimer)
    this.#idleTimerMs = delayMs
    this.#idleTimer = setTimeout(() => {
      const restedMs = this.#restsSinceMs === undefined ? 0 : performance.now() - this.#restsSinceMs
      if (restedMs >= this.#idleMs) this.destroy()
      else this.#watchRest(Math.max(1, this.#idleMs - restedMs))
    }, delayMs).unref()
  }

  /** Head and body in one system call. The body is not copied: it must not change until the exchange is over. */
  #send(head: string, body: Uint8Array | undefined): void {
    if (body === undefined) {
      this.#socket.write(head, 'latin1')
      return
    }
    this.#socket.cork()
    this.#socket.write(head, 'latin1')
    this.#socket.write(body)
    this.#socket.uncork()
  }

  /** The callback of a read; false stops reading. */
  #read(count: number): boolean {
    const bytes = this.#buffer.take(count)
    const exchange = this.#exchange
    // What nobody asked for: whatever it is, what comes after it would not be the answer to what is asked next.
    if (exchange === undefined) this.destroy()
    else {
      exchange.isAnswered = true
      try {
        const at = exchange.answer === undefined ? this.#readHeads(exchange, bytes) : 0
        // Whoever was given the head may have given up.
        if (exchange.answer !== undefined && this.#exchange === exchange) this.#readBody(exchange, bytes.subarray(at))
      } catch (error) {
        this.#fail(error)
      }
    }
    return !this.#isPaused
  }

  /** Reads heads up to the one that counts. Returns the offset where its body begins. */
  #readHeads(exchange: Exchange, bytes: Buffer): number {
    let at = 0
    while (at < bytes.length) {
      const next = exchange.reader.read(bytes, at)
      if (next === undefined) break
      at = next
      const { head } = exchange.reader
      if (head.status === 101) throw new PromlineError('protocol', 'the server switches to another protocol, which nobody asked for')
      if (head.status >= 200) {
        exchange.answer = new Answer(head)
        exchange.receiver.head({ status: head.status, headers: head.headers })
        this.#doing = 'reading the body'
        break
      }
      exchange.reader = new HeadReader()
    }
    return at
  }

  #readBody(exchange: Exchange, bytes: Buffer): void {
    const { answer, receiver } = exchange
    if (answer === undefined) return
    const { start, end, next } = answer.body.decode(bytes)
    const piece = bytes.subarray(start, end)
    const taken = piece.length === 0 ? undefined : receiver.write(piece)
    const isClean = next === bytes.length
    if (taken === undefined) {
      if (answer.body.isDone && this.#exchange === exchange) this.#finish(exchange, isClean)
      return
    }
    this.#isPaused = true
    this.#buffer.lend(piece, taken)
    taken.then(
      () => {
        if (this.#exchange !== exchange) return
        this.#isPaused = false
        this.#socket.resume()
        if (answer.body.isDone) this.#finish(exchange, isClean)
      },
      (error: unknown) => {
        if (this.#exchange === exchange) this.#fail(error)
      },
    )
  }

  /** @param isClean whether nothing came behind the answer. */
  #finish({ answer, deadline, resolve }: Exchange, isClean: boolean): void {
    this.#exchange = undefined
    deadline.onFailure = undefined
    // Where the request is still being written, the server answered early: it may read the rest as it likes, or not at all.
    const mayKeep = isClean && answer !== undefined && this.#socket.writableLength === 0
    this.#idleMs = mayKeep ? keptForMs(answer.head) : 0
    if (this.#idleMs === 0) this.destroy()
    resolve()
  }

  /** The server ends the connection. */
  #end(): void {
    const exchange = this.#exchange
    if (exchange?.answer?.body.endsWithConnection === true) this.#finish(exchange, false)
    else this.#lose(closedByPeer())
    this.destroy()
  }

  /** The connection is lost. */
  #lose(error: Error): void {
    if (this.#exchange === undefined) return
    this.#wasStale = this.#exchanges > 1 && !this.#exchange.isAnswered
    this.#fail(error)
  }

  #fail(error: unknown): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.destroy()
    if (exchange === undefined) return
    exchange.deadline.onFailure = undefined
    exchange.reject(error)
  }
}

function closedByPeer(): PromlineError {
  return new PromlineError('connect', 'connection closed by the peer')
}
