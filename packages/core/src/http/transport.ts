import type { HttpRequest, HttpResponseHead } from './client-options.js'
import type { Deadline } from './deadline.js'

/** How long an unused connection is kept: Prometheus' idle timeout. A shorter one that the server announces counts instead. */
export const keepAliveMs: number = 5 * 60_000

/** Largest head of an answer, as Node's own client has it. */
export const maxHeadBytes: number = 16 * 1024

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: HttpRequest['method']
  readonly url: URL
  /** All but those of the connection and the framing. Names in lower case; no value can end its header. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** Whether it goes to the configured peer, not to one that a redirect led to. */
  readonly trusted: boolean
  /** The same object comes with every such request: what a transport makes of it is worth keeping. */
  readonly comesAgain?: true
}

/** Takes the answer to a request. What it throws ends the exchange, and with it the connection. */
export interface ResponseReceiver {
  /** The head of the answer that counts: the first that is not of the kind 1xx. */
  head(head: HttpResponseHead): void
  /**
   * The next piece of the body, still compressed. Its memory is lent until the call returns or the promise settles; no further piece comes
   * before.
   */
  write(piece: Uint8Array): void | Promise<void>
}

/** Carries requests to servers and their answers back, over connections that it keeps. */
export interface Transport {
  /**
   * Resolves when all of the answer was received. Rejects with the error of the connection, of the receiver, or of the deadline, whose
   * `phase` it sets.
   */
  exchange(request: WireRequest, receiver: ResponseReceiver, deadline: Deadline): Promise<void>
  /** Ends the connections that are kept. No exchange is under way. */
  close(): Promise<void>
}
