import { connect, type Socket } from 'node:net'
import type { Clock } from '../model/clock.js'
import { type ChaosLine, ChaosPipe } from './chaos-pipe.js'
import { type ChaosRules, type ChaosWay, wayRules } from './chaos-rules.js'

/** What a connection needs. */
export interface ChaosConnectionOptions {
  readonly client: Socket
  readonly target: { readonly host: string; readonly port: number }
  readonly rules: ChaosRules
  /** Those of all connections. */
  readonly sharedLines: Readonly<Record<ChaosWay, ChaosLine>>
  readonly clock: Clock
  readonly random: () => number
  /** Called once, when both sockets are closed. */
  readonly closed: () => void
}

/** A client's connection and the one to the target that belongs to it. */
export class ChaosConnection {
  readonly #options: ChaosConnectionOptions
  readonly #client: Socket
  #rules: ChaosRules
  /** Undefined while a blackhole keeps the target from knowing of the connection. */
  #upstream: Socket | undefined
  #requests: ChaosPipe | undefined
  #responses: ChaosPipe | undefined
  /** The client sent something that a blackhole took before there was a pipe. */
  #lost = false

  constructor(options: ChaosConnectionOptions) {
    this.#options = options
    this.#client = options.client
    this.#rules = options.rules
    this.#client.on('error', () => this.#broken('request', this.#upstream))
    this.#client.on('close', () => this.#closedOne(this.#upstream))
    if (options.rules.reset === true) this.reset()
    else if (wayRules(options.rules, 'request').blackhole) this.#swallow()
    else this.#join()
  }

  /** Other rules from now on. */
  apply(rules: ChaosRules): void {
    this.#rules = rules
    const request = wayRules(rules, 'request')
    const response = wayRules(rules, 'response')
    // Who lost something to a blackhole, or went away in it, must not go on when it ends.
    const requestHole = !request.blackhole && ((this.#requests?.lost ?? this.#lost) || this.#client.destroyed)
    const responseHole = !response.blackhole && (this.#responses?.lost === true || this.#upstream?.destroyed === true)
    if (rules.reset === true || requestHole || responseHole) {
      this.reset()
      return
    }
    if (this.#upstream === undefined && !request.blackhole) this.#join()
    this.#requests?.apply(request)
    this.#responses?.apply(response)
  }

  /** Both ends see a reset. */
  reset(): void {
    this.#closePipes()
    resetSocket(this.#client)
    if (this.#upstream !== undefined) resetSocket(this.#upstream)
  }

  /** Both ends see the other one close. */
  #cut(): void {
    this.#closePipes()
    this.#client.destroy()
    this.#upstream?.destroy()
  }

  #swallow(): void {
    const lose = (): void => {
      this.#lost = true
    }
    this.#client.on('data', lose).on('end', lose)
  }

  #join(): void {
    const { target, clock, random, sharedLines } = this.#options
    const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true })
    this.#upstream = upstream
    upstream.on('error', () => this.#broken('response', this.#client))
    upstream.on('close', () => this.#closedOne(this.#client))
    const shared = { clock, random, cut: () => this.#cut() }
    this.#requests = new ChaosPipe({
      ...shared,
      from: this.#client,
      to: upstream,
      rules: wayRules(this.#rules, 'request'),
      sharedLine: sharedLines.request,
    })
    this.#responses = new ChaosPipe({
      ...shared,
      from: upstream,
      to: this.#client,
      rules: wayRules(this.#rules, 'response'),
      sharedLine: sharedLines.response,
    })
  }

  /** A socket broke: the other one learns it, unless a blackhole lies on the way. */
  #broken(way: ChaosWay, other: Socket | undefined): void {
    if (wayRules(this.#rules, way).blackhole) return
    this.#closePipes()
    if (other !== undefined) resetSocket(other)
  }

  #closedOne(other: Socket | undefined): void {
    if (other === undefined || other.closed) {
      this.#closePipes()
      this.#options.closed()
    }
  }

  #closePipes(): void {
    this.#requests?.close()
    this.#responses?.close()
  }
}

/** Where its end is under way already, a reset fails (EINVAL), and Node 20 never gets rid of the socket: the process does not end. */
function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}
