import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { loadConfig } from '@promline/core'
import { snappyCodec } from '@promline/remote-write'
import { createAgent } from '@promline/remote-write/agent'
import { type RawSample, readRawSamples } from './raw-write-request.js'

/** A request as the receiver saw it. */
export interface SentRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** As it came over the wire. */
  readonly body: Uint8Array
  readonly samples: readonly RawSample[]
  readonly receivedMs: number
  /** What it was answered with. */
  readonly status: number
}

/** What was sent by a run. */
export interface SenderRun {
  readonly requests: readonly SentRequest[]
  /** The samples of those that were answered with 2xx, in their order. */
  readonly samples: readonly RawSample[]
  /** `host:port` of the target. */
  readonly target: string
}

/** How a receiver answers its n-th request (n >= 0). */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly delayMs?: number
}

export interface SenderRunOptions {
  /** The page of the n-th scrape (n >= 0); undefined is a failed one (500). */
  readonly page: (scrape: number) => string | undefined
  /** Default: 204 to all. */
  readonly answer?: (request: number) => Answer
  /** Further lines of the scrape config, in YAML. */
  readonly scrapeConfig?: string
  /** The run ends once this holds; it is asked after every request. */
  readonly until: (run: SenderRun) => boolean
}

const maxMessageBytes = 32 * 1024 * 1024

/**
 * Runs the agent on a stock configuration (job `test`) against a target and a receiver in this process, as the compliance suite of
 * Prometheus runs its senders, until enough was sent; then it is stopped and has drained.
 */
export async function runSender(options: SenderRunOptions): Promise<SenderRun> {
  const receiver = new Receiver(options)
  const server = createServer((request, response) => void receiver.handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  receiver.target = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const dataDir = await mkdtemp(join(tmpdir(), 'promline-compliance-'))
  const stop = new AbortController()
  try {
    const config = loadConfig(configFor(receiver.target, options.scrapeConfig ?? ''), { file: 'prometheus.yml' })
    const running = createAgent({ config, dataDir, scrapeAtOnce: true }).run({ signal: stop.signal })
    await Promise.race([receiver.enough, running])
    stop.abort()
    await running
    return receiver
  } finally {
    stop.abort()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(dataDir, { recursive: true, force: true })
  }
}

function configFor(target: string, scrapeConfig: string): string {
  return `
global: { scrape_interval: 200ms, scrape_timeout: 200ms }
remote_write:
  - url: http://${target}/push
    queue_config: { batch_send_deadline: 10ms }
scrape_configs:
  - job_name: test
    static_configs: [{ targets: ["${target}"] }]
    ${scrapeConfig}
`
}

class Receiver implements SenderRun {
  readonly requests: SentRequest[] = []
  readonly enough: Promise<void>
  target = ''
  readonly #options: SenderRunOptions
  #scrapes = 0
  #answered = 0
  #onEnough: () => void = () => {}

  constructor(options: SenderRunOptions) {
    this.#options = options
    this.enough = new Promise((resolve) => {
      this.#onEnough = resolve
    })
  }

  get samples(): readonly RawSample[] {
    return this.requests.filter(({ status }) => status < 300).flatMap(({ samples }) => samples)
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/metrics') {
      const page = this.#options.page(this.#scrapes++)
      response.writeHead(page === undefined ? 500 : 200, { 'content-type': 'text/plain; charset=utf-8' }).end(page)
      return
    }
    const body = await buffer(request)
    const { status, headers, delayMs } = this.#options.answer?.(this.#answered++) ?? { status: 204 }
    if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs))
    this.requests.push({
      method: request.method ?? '',
      headers: request.headers,
      body,
      samples: readRawSamples(snappyCodec.decompress(body, maxMessageBytes)),
      receivedMs: performance.now(),
      status,
    })
    response.writeHead(status, headers).end()
    if (this.#options.until(this)) this.#onEnough()
  }
}
