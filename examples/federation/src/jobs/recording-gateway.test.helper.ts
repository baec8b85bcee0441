import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { encodeUtf8, parseTextFamilies } from '@promline/core'

/** One push that arrived. */
export interface RecordedPush {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly contentType: string | undefined
  readonly authorization: string | undefined
  /** Types and values of the metrics, by their names. */
  readonly metrics: ReadonlyMap<string, { readonly type: string; readonly help: string; readonly value: number | undefined }>
}

/** In the place of a Pushgateway: takes everything and records it. */
export interface RecordingGateway extends AsyncDisposable {
  readonly url: string
  readonly pushes: RecordedPush[]
}

/** Answers with these statuses, one after the other, and then with 200. */
export async function startRecordingGateway(...statuses: number[]): Promise<RecordingGateway> {
  const pushes: RecordedPush[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      pushes.push(recordOf(request, body))
      response.writeHead(statuses.shift() ?? 200, { location: '/elsewhere' }).end('in its own words')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    pushes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function recordOf({ method, url: path, headers }: IncomingMessage, body: string): RecordedPush {
  const families = parseTextFamilies(encodeUtf8(body), { mode: 'strict' })
  const metrics = families.map(({ name, type, help, samples }) => [name, { type, help, value: samples[0]?.value }] as const)
  return { method, path, contentType: headers['content-type'], authorization: headers.authorization, metrics: new Map(metrics) }
}
