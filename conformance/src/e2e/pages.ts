import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { freePort } from '@promline/servers'

/** An HTTP server of a test on a loopback port, which can go away and come back. */
export class TestServer {
  readonly address: string
  readonly #handler: (request: IncomingMessage, response: ServerResponse) => void
  #server: Server | undefined

  constructor(address: string, handler: (request: IncomingMessage, response: ServerResponse) => void) {
    this.address = address
    this.#handler = handler
  }

  get url(): string {
    return `http://${this.address}`
  }

  get isListening(): boolean {
    return this.#server !== undefined
  }

  async start(): Promise<void> {
    const server = createServer(this.#handler)
    const [host, port] = this.address.split(':')
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(Number(port), host, resolve))
    this.#server = server
  }

  /** Refuses connections from now on. Safe to call twice. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const textFormat = 'text/plain; version=0.0.4; charset=utf-8'

/** A target that shows what the test says. */
export class PageTarget extends TestServer {
  page: string
  scrapes = 0

  constructor(address: string, page: string) {
    super(address, (_, response) => {
      this.scrapes++
      response.writeHead(200, { 'content-type': textFormat }).end(this.page)
    })
    this.page = page
  }
}

export async function startPageTarget(page: string): Promise<PageTarget> {
  const target = new PageTarget(`127.0.0.1:${await freePort()}`, page)
  await target.start()
  return target
}

/** Stands before a real exporter and remembers every page that it showed. */
export class RecordingProxy extends TestServer {
  /** In the order of the scrapes. */
  readonly pages: string[] = []

  constructor(address: string, target: string) {
    super(address, (_, response) => {
      void this.#pass(target, response)
    })
  }

  async #pass(target: string, response: ServerResponse): Promise<void> {
    try {
      const answer = await fetch(target)
      const page = await answer.text()
      this.pages.push(page)
      response.writeHead(answer.status, { 'content-type': textFormat }).end(page)
    } catch {
      response.writeHead(502).end()
    }
  }
}

/** @param target the URL of the exporter's metrics. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const proxy = new RecordingProxy(`127.0.0.1:${await freePort()}`, target)
  await proxy.start()
  return proxy
}
