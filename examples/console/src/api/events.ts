import type { IncomingMessage, ServerResponse } from 'node:http'

/** Once a second, as long as somebody looks. */
const eventIntervalMs = 1_000
/** Pages open at one time; more are asked to come back later. */
const maxListeners = 32

/** Server-sent events: one timer for all who look, none while nobody does. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStream {
  readonly #take: () => unknown
  readonly #listeners = new Set<ServerResponse>()
  #timer: NodeJS.Timeout | undefined

  constructor(take: () => unknown) {
    this.#take = take
  }

  /** Answers with a stream that ends when the page goes. */
  open(request: IncomingMessage, response: ServerResponse): void {
    if (this.#listeners.size >= maxListeners) {
      response.writeHead(503, { 'retry-after': '10', 'content-type': 'text/plain; charset=utf-8' }).end('too many pages are open\n')
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    this.#listeners.add(response)
    response.on('close', () => this.#remove(response))
    response.write(this.#event())
    this.#timer ??= setInterval(() => this.#send(), eventIntervalMs)
  }

  /** Ends all streams. A page that is still open asks again, and finds that nobody listens. */
  close(): void {
    for (const listener of this.#listeners) {
      listener.end()
      this.#remove(listener)
    }
  }

  #send(): void {
    const event = this.#event()
    for (const listener of this.#listeners) {
      // A page that does not read misses events; what it gets next is whole again.
      if (!listener.writableNeedDrain) listener.write(event)
    }
  }

  #event(): string {
    return `data: ${JSON.stringify(this.#take())}\n\n`
  }

  #remove(listener: ServerResponse): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
