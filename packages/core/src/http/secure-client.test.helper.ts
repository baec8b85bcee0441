import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { connect, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'

/** Where a file of `testdata` is. */
export function pathOf(name: string): string {
  return fileURLToPath(new URL(`testdata/${name}`, import.meta.url))
}

export function readTestFile(name: string): string {
  return readFileSync(pathOf(name), 'utf8')
}

const ca = readTestFile('ca.pem')

/** Status and body of one request on a connection of its own, or the code of what ended it. */
export async function getSecurely(url: string, options: RequestOptions = {}): Promise<string> {
  const request = httpsRequest(url, { ca, agent: false, ...options })
  try {
    request.end()
    const [response] = await once(request, 'response')
    return `${response.statusCode} ${(await text(response)).trim()}`
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** The name in the certificate that a server shows. */
export async function shownName(url: string): Promise<string> {
  const { port } = new URL(url)
  const socket: TLSSocket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const name = socket.getPeerCertificate().subject.CN
  socket.destroy()
  return String(name)
}
