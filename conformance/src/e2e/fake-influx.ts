import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { freePort } from '@promline/servers'
import { type Line, parseLine } from './line-protocol.js'
import { TestServer } from './pages.js'

/** Takes line protocol as InfluxDB's `/write` does, and remembers each line in the order in which it came. Down until it is started. */
export class FakeInflux extends TestServer {
  readonly lines: Line[] = []
  /** Bodies that it took. */
  requests = 0

  constructor(address: string) {
    super(address, (request, response) => {
      void this.#take(request, response)
    })
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(Buffer.from(chunk))
      const body = Buffer.concat(chunks)
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
      this.lines.push(...text.split('\n').filter(Boolean).map(parseLine))
      this.requests++
      response.writeHead(204).end()
    } catch (error) {
      // The sender may have been killed halfway.
      if (request.complete) response.writeHead(400).end(String(error))
      else response.destroy()
    }
  }
}

/** An InfluxDB of which there is nothing yet but the address. */
export async function fakeInfluxDown(): Promise<FakeInflux> {
  return new FakeInflux(`127.0.0.1:${await freePort()}`)
}
