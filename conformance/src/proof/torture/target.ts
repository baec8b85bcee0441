import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { buffer } from 'node:stream/consumers'
import { decodeBody, type TargetKind } from './decode-body.js'
import type { Ledger } from './ledger.js'
import type { Mood } from './mood.js'
import { type Address, ownAddress } from './own-address.js'

/** How much later a slow target answers, at most. */
const slowMs = 400
/** Somebody else may have the port for a moment. */
const listenRetryMs = 50

export interface TargetOptions {
  readonly kind: TargetKind
  readonly address: Address
  readonly ledger: Ledger
  readonly random: () => number
}

/** A server that takes what a relay sends, in the mood that it is told to have, and writes it down. Down at first. */
export class Target {
  readonly kind: TargetKind
  readonly ledger: Ledger
  /** Requests by what became of them. */
  taken = 0
  notTaken = 0
  readonly #address: Address
  readonly #random: () => number
  #mood: Mood = 'down'
  #server: Server | undefined
  readonly #held = new Set<ServerResponse>()
  /** A connection belongs to the relay that made it. */
  #life = 0
  readonly #lives = new WeakMap<Socket, number>()

  constructor({ kind, address, ledger, random }: TargetOptions) {
    this.kind = kind
    this.ledger = ledger
    this.#address = address
    this.#random = random
  }

  /** As the testee's `--sink`. */
  get argument(): string {
    const { host, port } = this.#address
    const url = `http://${host}:${port}`
    return this.kind === 'influx' ? `influx=${url}?promline.db=tortured` : `remote-write=${url}/api/v1/write`
  }

  get mood(): Mood {
    return this.#mood
  }

  /** Changes the mood; what an earlier one left unanswered is cut off. */
  async setMood(mood: Mood): Promise<void> {
    this.#mood = mood
    for (const response of this.#held) response.destroy()
    this.#held.clear()
    if (mood === 'down') await this.#stop()
    else if (this.#server === undefined) await this.#start()
  }

  /** The relay has died. */
  killed(): void {
    this.#life++
    this.ledger.killed(performance.now())
  }

  async #start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch(() => {
        // The relay was killed in the middle of a request, or its connection was cut.
        this.notTaken++
        response.destroy()
      })
    })
    server.on('connection', (socket) => this.#lives.set(socket, this.#life))
    this.#server = server
    while (this.#server === server && !(await listen(server, this.#address))) await sleep(listenRetryMs)
  }

  async #stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined || !server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mood = this.#mood
    if (mood === 'cutting') {
      request.once('data', () => request.socket.resetAndDestroy())
      this.notTaken++
      return
    }
    const body = await buffer(request)
    if (mood === 'refusing') return this.#refuse(response, 503)
    if (mood === 'busy') return this.#refuse(response, 429)
    if (mood === 'hanging' && this.#random() < 0.5) {
      this.#held.add(response)
      this.notTaken++
      return
    }
    const answered = this.#take(body, request)
    if (answered === undefined) return void response.writeHead(400).end('not readable')
    this.taken++
    if (mood === 'losing') return void request.socket.resetAndDestroy()
    if (mood === 'hanging') return void this.#held.add(response)
    if (mood === 'slow') await sleep(this.#random() * slowMs)
    const life = this.#lives.get(request.socket)
    response.once('finish', () => {
      if (life === this.#life) answered(performance.now())
    })
    response.writeHead(204).end()
  }

  #take(body: Buffer, request: IncomingMessage): ((atMs: number) => void) | undefined {
    try {
      return this.ledger.take(decodeBody(this.kind, body, request.headers['content-encoding']))
    } catch (error) {
      this.ledger.violate(`a body that cannot be read: ${String(error)}`)
      return undefined
    }
  }

  #refuse(response: ServerResponse, status: number): void {
    this.notTaken++
    response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end('not now')
  }
}

/** A target at an address of its own. */
export async function createTarget(options: Omit<TargetOptions, 'address'>): Promise<Target> {
  return new Target({ ...options, address: await ownAddress(options.random) })
}

function listen(server: Server, { host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const onError = (): void => resolve(false)
    server.once('error', onError).listen(port, host, () => {
      server.off('error', onError)
      resolve(true)
    })
  })
}
