import type { TLSSocket } from 'node:tls'
import { reasonOfCode } from './client-errors.js'
import type { ServerTlsOptions } from './server-tls-options.js'

/**
 * Why a client is turned away by its certificate, or the lack of one; undefined where it may come in. That there is a certificate is looked
 * at first: Node takes a session that is resumed for a proven one whether or not it has any.
 */
export function refuseClientCertificate(socket: TLSSocket, tls: ServerTlsOptions): string | undefined {
  const { clientAuth = 'none', clientAllowedSans } = tls
  if (clientAuth === 'none' || clientAuth === 'request') return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return clientAuth === 'verify-if-given' ? undefined : 'the client gave no certificate'
  if (clientAuth === 'require-any') return undefined
  // A text in spite of its type: the code of OpenSSL.
  if (!socket.authorized) return `the client's certificate is refused: ${reasonOfCode(String(socket.authorizationError))}`
  if (clientAllowedSans === undefined) return undefined
  const names = parseSubjectAltName(certificate.subjectAltName ?? '')
  if (clientAllowedSans.some((allowed) => names.includes(allowed))) return undefined
  return "the client's certificate has none of the allowed names"
}

/** The names in Node's form, `DNS:a.example, IP Address:127.0.0.1`; what could be misread in it stands in quotes, as in JSON. */
export function parseSubjectAltName(text: string): readonly string[] {
  const names: string[] = []
  for (const [, quoted, plain = ''] of text.matchAll(/(?<=^|, )(?:DNS|IP Address|email|URI):(?:("(?:[^"\\]|\\.)*")|([^,"]*))(?:, |$)/g)) {
    names.push(quoted === undefined ? plain : String(JSON.parse(quoted)))
  }
  return names
}
