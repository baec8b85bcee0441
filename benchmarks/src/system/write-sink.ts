import { createServer } from 'node:http'
import { type Listening, listen } from './listen.js'

/** Takes every request of remote write with 204, and keeps the bodies, so that they are decoded when nothing is measured any more. */
export interface WriteSink extends Listening {
  /** In the order in which they were complete. */
  readonly bodies: readonly Uint8Array[]
  /** Compressed, of all requests. */
  readonly bytes: number
}

/** @param onBody called when a request is complete, before it is answered */
export function startWriteSink(onBody: () => void = () => {}): Promise<WriteSink> {
  /** In the pieces in which they came: to join them would cost time that the agent could use. */
  const pieces: Buffer[][] = []
  const server = createServer((request, response) => {
    const body: Buffer[] = []
    request
      .on('data', (piece: Buffer) => body.push(piece))
      .on('end', () => {
        pieces.push(body)
        onBody()
        response.writeHead(204).end()
      })
  })
  return listen(server, {
    get bodies() {
      return pieces.map((body) => Buffer.concat(body))
    },
    get bytes() {
      return pieces.flat().reduce((sum, piece) => sum + piece.length, 0)
    },
  })
}
