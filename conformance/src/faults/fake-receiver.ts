import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { freePort } from '@promline/servers'
import type { Line } from '../e2e/line-protocol.js'
import { TestServer } from '../e2e/pages.js'
import { decodeWriteBody } from '../e2e/remote-write.js'
import { afterTest } from '../e2e/scope.js'

/** A request that came in full, and what it was answered. */
export interface ReceivedRequest {
  /** Monotonic. */
  readonly atMs: number
  readonly bytes: number
  /** Undefined: never. */
  readonly status: number | undefined
}

/** What to answer: `undefined` takes the samples and says 204; `hang` never answers. */
export type Refusal = { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'hang' | undefined

/** Takes remote write, and remembers each sample in the order in which it came. Down until it is started. */
export class FakeReceiver extends TestServer {
  readonly lines: Pick<Line, 'tags' | 'fields' | 'timestampMs'>[] = []
  readonly requests: ReceivedRequest[] = []
  /** Samples that are not a number. */
  stale = 0
  /** How long the last connection that hung was kept by the other side. */
  readonly hungForMs: number[] = []
  refuse: (requests: number) => Refusal = () => undefined

  constructor(address: string) {
    super(address, (request, response) => {
      this.#take(request, response).catch(() => response.destroy())
    })
  }

  get port(): number {
    return Number(this.address.split(':')[1])
  }

  /** Of remote write. */
  get writeUrl(): string {
    return `${this.url}/api/v1/write`
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const refusal = this.refuse(this.requests.length)
    const atMs = performance.now()
    const status = refusal === undefined ? 204 : refusal === 'hang' ? undefined : refusal.status
    this.requests.push({ atMs, bytes: body.length, status })
    if (refusal === 'hang') {
      request.socket.once('close', () => this.hungForMs.push(performance.now() - atMs))
      return
    }
    if (refusal === undefined) this.#remember(body)
    response.writeHead(refusal?.status ?? 204, { ...refusal?.headers }).end()
  }

  #remember(body: Buffer): void {
    for (const { labels, samples } of decodeWriteBody(body).series) {
      const tags = { client: labels.get('client') ?? '', series: labels.get('series') ?? '' }
      for (const { value, stale, timestampMs } of samples) {
        if (stale) this.stale++
        else this.lines.push({ tags, fields: { value }, timestampMs })
      }
    }
  }
}

/** A receiver of which there is nothing yet but the address; gone after the test. */
export async function fakeReceiverDown(): Promise<FakeReceiver> {
  const receiver = new FakeReceiver(`127.0.0.1:${await freePort()}`)
  afterTest(() => receiver.stop())
  return receiver
}

export async function startFakeReceiver(): Promise<FakeReceiver> {
  const receiver = await fakeReceiverDown()
  await receiver.start()
  return receiver
}
