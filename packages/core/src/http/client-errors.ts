import { type ErrorCode, PromlineError, isPromlineError, systemCode, toError } from '../model/errors.js'
import { redactUrl } from './secret.js'

/** Codes of Node, OpenSSL and undici that people meet, in their words. What is not here is told in the library's own words. */
const knownErrors: Readonly<Record<string, readonly [code: ErrorCode, reason: string]>> = {
  ECONNREFUSED: ['connect', 'connection refused'],
  ECONNRESET: ['connect', 'connection reset by the peer'],
  EPIPE: ['connect', 'connection closed by the peer'],
  UND_ERR_SOCKET: ['connect', 'connection closed by the peer'],
  ENOTFOUND: ['connect', 'no such host'],
  EAI_AGAIN: ['connect', 'the name cannot be looked up at present'],
  EHOSTUNREACH: ['connect', 'no route to the host'],
  ENETUNREACH: ['connect', 'the network is unreachable'],
  ETIMEDOUT: ['timeout', 'timed out in the operating system'],
  CERT_HAS_EXPIRED: ['tls', 'the certificate has expired'],
  CERT_NOT_YET_VALID: ['tls', 'the certificate is not valid yet'],
  CERT_REVOKED: ['tls', 'the certificate is revoked'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', 'the certificate is self-signed: unknown CA'],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls', 'the certificate is signed by an unknown CA'],
  UNABLE_TO_GET_ISSUER_CERT: ['tls', 'the certificate is signed by an unknown CA'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', 'the certificate is signed by an unknown CA'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls', 'the certificate is signed by an unknown CA'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['tls', 'the peer does not speak TLS'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['tls', 'the peer does not speak TLS'],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['tls', 'the peer wants a client certificate'],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: ['tls', 'the peer refused the handshake (does it want a client certificate?)'],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['tls', 'the peer does not know the CA of the client certificate'],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: ['tls', 'the peer refuses this TLS version'],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ['tls', 'the peer speaks no allowed TLS version'],
  UND_ERR_HEADERS_OVERFLOW: ['limit', 'the headers of the answer are larger than 16 KiB'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['protocol', 'the body is not as long as its content-length says'],
  Z_DATA_ERROR: ['protocol', 'the gzip body is broken'],
  Z_BUF_ERROR: ['protocol', 'the gzip body ends too early'],
}

/** What a code of Node or OpenSSL means, in words; the code itself where it is not one that people meet. */
export function reasonOfCode(code: string): string {
  return knownErrors[code]?.[1] ?? code
}

/** The one place where errors of other libraries become promline's. The message names the URL without its secrets. */
export function translateClientError(thrown: unknown, url: string): PromlineError {
  const error = toError(thrown)
  const prefix = redactUrl(url)
  if (isPromlineError(error)) {
    return new PromlineError(error.code, `${prefix}: ${error.message}`, { cause: error.cause, facts: { ...error.facts, url: prefix } })
  }
  const [code, reason] = describe(error)
  return new PromlineError(code, `${prefix}: ${reason}`, { cause: error, facts: { url: prefix } })
}

function describe(error: Error): readonly [ErrorCode, string] {
  const name = systemCode(error) ?? ''
  const known = knownErrors[name]
  if (known !== undefined) return known
  if (name === 'ERR_TLS_CERT_ALTNAME_INVALID') return ['tls', `the certificate is for another host: ${reasonOf(error)}`]
  if (name.startsWith('ERR_SSL_') || name.startsWith('ERR_TLS_') || name.startsWith('ERR_OSSL_')) {
    return ['tls', `TLS failed: ${reasonOf(error)}`]
  }
  if (error.name === 'HTTPParserError') return ['protocol', error.message] // undici's
  return ['connect', reasonOf(error)]
}

function reasonOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message
}
