import { createServer } from 'node:http'
import { type Listening, listen } from './listen.js'

/** Takes every request of remote write with 204, and keeps the bodies, so that they are decoded when nothing is measured any more. */
export interface WriteSink extends Listening {
  readonly bodies: readonly Uint8Array[]
}

export function startWriteSink(): Promise<WriteSink> {
  const bodies: Uint8Array[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        bodies.push(Buffer.concat(chunks))
        response.writeHead(204).end()
      })
  })
  return listen(server, { bodies })
}
