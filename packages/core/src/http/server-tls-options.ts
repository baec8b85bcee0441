import { PromlineError } from '../model/errors.js'
import type { TlsConfig } from './client-options.js'
import type { Secret } from './secret.js'

/**
 * What a server asks of its clients' certificates, as Go and Prometheus' web.config have it:
 *
 * - `none`: nothing (NoClientCert);
 * - `request`: one may be given, and proves nothing (RequestClientCert);
 * - `require-any`: one must be given, and proves nothing (RequireAnyClientCert);
 * - `verify-if-given`: one that is given must be signed by the clients' CA (VerifyClientCertIfGiven);
 * - `require-and-verify`: one must be given and be signed by the clients' CA (RequireAndVerifyClientCert).
 */
export type ClientAuth = 'none' | 'request' | 'require-any' | 'verify-if-given' | 'require-and-verify'

/** TLS of a server. A certificate and its key are needed, each in place or as a file; files are read again when they change. */
export interface ServerTlsOptions {
  /** PEM, with the certificates between it and its CA behind it. */
  readonly cert?: string
  readonly certFile?: string
  /** PEM, without a passphrase. */
  readonly key?: Secret
  readonly keyFile?: string
  /** PEM: who signs clients' certificates. */
  readonly clientCa?: string
  readonly clientCaFile?: string
  /** Default `none`. All but `none` and those that prove nothing need `clientCa` or `clientCaFile`. */
  readonly clientAuth?: ClientAuth
  /**
   * A client's certificate must have one of these among its subject's alternative names (DNS names, addresses, mail addresses, URIs), to the
   * letter. Only with `require-and-verify`.
   */
  readonly clientAllowedSans?: readonly string[]
  /** Default `TLSv1.2`. */
  readonly minVersion?: TlsConfig['minVersion']
  /** Default: the newest that Node speaks. */
  readonly maxVersion?: TlsConfig['maxVersion']
}

/** Refuses options that contradict each other. Throws a PromlineError (`options`) that names the `option` in its facts. */
export function validateServerTls(tls: ServerTlsOptions): void {
  for (const [inPlace, file] of [
    ['cert', 'certFile'],
    ['key', 'keyFile'],
    ['clientCa', 'clientCaFile'],
  ] as const) {
    if (tls[inPlace] !== undefined && tls[file] !== undefined) throw optionError(file, `${inPlace} and ${file} exclude each other`)
  }
  if (tls.cert === undefined && tls.certFile === undefined) throw optionError('certFile', 'TLS needs a certificate: cert or certFile')
  if (tls.key === undefined && tls.keyFile === undefined) throw optionError('keyFile', 'the certificate needs its key: key or keyFile')
  validateClientAuth(tls)
  const { minVersion = 'TLSv1.2', maxVersion } = tls
  if (maxVersion !== undefined && minVersion > maxVersion) {
    throw optionError('maxVersion', `maxVersion ${maxVersion} is below minVersion ${minVersion}`)
  }
}

function validateClientAuth({ clientCa, clientCaFile, clientAuth = 'none', clientAllowedSans }: ServerTlsOptions): void {
  const hasCa = clientCa !== undefined || clientCaFile !== undefined
  if (hasCa && clientAuth === 'none') {
    throw optionError('clientAuth', "a CA for clients is given, and clientAuth asks for no clients' certificates")
  }
  if (!hasCa && (clientAuth === 'verify-if-given' || clientAuth === 'require-and-verify')) {
    throw optionError('clientAuth', `clientAuth ${clientAuth} needs a CA for clients: clientCa or clientCaFile`)
  }
  if (clientAllowedSans !== undefined && clientAuth !== 'require-and-verify') {
    throw optionError('clientAllowedSans', 'clientAllowedSans needs clientAuth require-and-verify')
  }
}

function optionError(option: string, message: string): PromlineError {
  return new PromlineError('options', message, { facts: { option } })
}
