import { createServer, type Server } from 'node:net'
import { type Clock, systemClock } from '../model/clock.js'
import { PromlineError } from '../model/errors.js'
import { ChaosConnection } from './chaos-connection.js'
import { assertChaosRules, type ChaosRules } from './chaos-rules.js'

export interface ChaosProxyOptions {
  /** What is proxied. Default host `127.0.0.1`. */
  readonly target: { readonly host?: string; readonly port: number }
  /** Where it listens. Default `127.0.0.1` and a free port. */
  readonly listen?: { readonly host?: string; readonly port?: number }
  /** The rules at the start. Default: none. */
  readonly rules?: ChaosRules
  /** At least 0, less than 1; a seeded one makes jitter and corruption repeat. Default `Math.random`. */
  readonly random?: () => number
  readonly clock?: Clock
}

/** A TCP proxy that treats connections badly on demand: a network's faults for tests of clients and servers. */
export interface ChaosProxy extends AsyncDisposable {
  /** Stays the same over `refuse`. */
  readonly port: number
  /** Connections open now. */
  readonly connections: number
  /** Connections accepted so far. */
  readonly opened: number
  /** Takes the place of the rules before, for open connections as well. `set({})` heals. Throws for a number that no line can have. */
  set(rules: ChaosRules): void
  /** Resets the connections that are open now; the rules stay. */
  resetAll(): void
  /** Resets all connections and stops listening; resolves when nothing of it is left. Safe twice. */
  close(): Promise<void>
}

/** A port that was freed and is taken meanwhile is asked for again so often: rarely enough to cost nothing. */
const listenRetryMs = 20

/** Starts a proxy; rejects when the port cannot be listened on. */
export async function createChaosProxy(options: ChaosProxyOptions): Promise<ChaosProxy> {
  if (options.rules !== undefined) assertChaosRules(options.rules)
  const proxy = new TcpChaosProxy(options)
  await proxy.listen(options.listen?.port ?? 0)
  if (options.rules !== undefined) proxy.set(options.rules)
  return proxy
}

class TcpChaosProxy implements ChaosProxy {
  readonly #options: ChaosProxyOptions
  readonly #host: string
  readonly #clock: Clock
  readonly #connections = new Set<ChaosConnection>()
  readonly #sharedLines = { request: { freeMs: 0 }, response: { freeMs: 0 } }
  #rules: ChaosRules = {}
  #server: Server | undefined
  #port = 0
  #opened = 0
  #closing: Promise<void> | undefined
  #whenIdle: (() => void) | undefined

  constructor(options: ChaosProxyOptions) {
    this.#options = options
    this.#host = options.listen?.host ?? '127.0.0.1'
    this.#clock = options.clock ?? systemClock
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#connections.size
  }

  get opened(): number {
    return this.#opened
  }

  async listen(port: number): Promise<void> {
    const server = this.#startServer(port)
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve)
      server.once('error', (cause) =>
        reject(
          new PromlineError('address', `the chaos proxy cannot listen on ${this.#host}:${port}: ${cause.message}`, {
            cause,
            facts: { host: this.#host, port },
          }),
        ),
      )
    })
    const address = server.address()
    if (address !== null && typeof address === 'object') this.#port = address.port
  }

  set(rules: ChaosRules): void {
    assertChaosRules(rules)
    this.#rules = rules
    for (const connection of this.#connections) connection.apply(rules)
    if (rules.refuse === true) this.#stopServer()
    else this.#listenAgain()
  }

  resetAll(): void {
    for (const connection of this.#connections) connection.reset()
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#whenIdle = resolve
      this.#stopServer()
      this.resetAll()
      if (this.#connections.size === 0) resolve()
    })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #startServer(port: number): Server {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.#opened++
      const connection: ChaosConnection = new ChaosConnection({
        client,
        target: { host: this.#options.target.host ?? '127.0.0.1', port: this.#options.target.port },
        rules: this.#rules,
        sharedLines: this.#sharedLines,
        clock: this.#clock,
        random: this.#options.random ?? Math.random,
        closed: () => this.#forget(connection),
      })
      this.#connections.add(connection)
    })
    this.#server = server
    server.once('listening', () => {
      // Stopped before it had begun.
      if (this.#server !== server) server.close()
    })
    return server.listen({ host: this.#host, port })
  }

  #listenAgain(): void {
    if (this.#server !== undefined || this.#closing !== undefined || this.#rules.refuse === true) return
    this.#startServer(this.#port).once('error', () => {
      this.#server = undefined
      this.#clock.schedule(listenRetryMs, () => this.#listenAgain())
    })
  }

  #stopServer(): void {
    // Frees the port at once; connections that are open go on.
    this.#server?.close()
    this.#server = undefined
  }

  #forget(connection: ChaosConnection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#whenIdle?.()
  }
}
