import type { ServerTlsOptions } from '../http/server-tls-options.js'
import type { ConfigNode } from './config-node.js'
import { defined } from './defined.js'
import { assertOneOf } from './exclusive-keys.js'
import { tlsVersion } from './tls-section.js'

/** Go's names, and one more that exporter-toolkit takes. */
const clientAuthTypes = {
  NoClientCert: 'none',
  RequestClientCert: 'request',
  RequireAnyClientCert: 'require-any',
  RequireClientCert: 'require-any',
  VerifyClientCertIfGiven: 'verify-if-given',
  RequireAndVerifyClientCert: 'require-and-verify',
} as const
const clientAuthNames = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'RequireClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const

/**
 * `tls_server_config`, as in Prometheus' web.config: `cert_file`, `key_file`, `client_ca_file`, `client_auth_type`, `client_allowed_sans`,
 * `min_version`, `max_version`; the first three also in place (`cert`, `key`, `client_ca`).
 */
export function parseTlsServer(node: ConfigNode): ServerTlsOptions {
  const given = node.fields(
    {
      cert: (field) => field.string(),
      cert_file: (field) => field.file(),
      key: (field) => field.secret(),
      key_file: (field) => field.file(),
      client_ca: (field) => field.string(),
      client_ca_file: (field) => field.file(),
      client_auth_type: (field) => clientAuthTypes[field.choice(clientAuthNames)],
      client_allowed_sans: (field) => field.list((item) => item.string()),
      min_version: tlsVersion,
      max_version: tlsVersion,
      // Go, and OpenSSL with TLS 1.3, choose by themselves.
      prefer_server_cipher_suites: (field) => field.boolean(),
    },
    { notOffered: ['cipher_suites', 'curve_preferences'] },
  )
  const tls: ServerTlsOptions = defined({
    cert: given.cert,
    certFile: given.cert_file,
    key: given.key,
    keyFile: given.key_file,
    clientCa: given.client_ca,
    clientCaFile: given.client_ca_file,
    clientAuth: given.client_auth_type,
    clientAllowedSans: given.client_allowed_sans,
    minVersion: given.min_version,
    maxVersion: given.max_version,
  })
  checkTlsServer(node, tls)
  return tls
}

/** What `validateServerTls` refuses, in the words of the file, and at the place that must change. */
function checkTlsServer(node: ConfigNode, tls: ServerTlsOptions): void {
  for (const key of ['cert', 'key', 'client_ca']) assertOneOf(node, [key, `${key}_file`])
  if (tls.cert === undefined && tls.certFile === undefined) throw node.error('cert_file is required')
  if (tls.key === undefined && tls.keyFile === undefined) throw node.error('key_file is required')
  const hasCa = tls.clientCa !== undefined || tls.clientCaFile !== undefined
  const { clientAuth = 'none', minVersion = 'TLSv1.2', maxVersion } = tls
  if (hasCa && clientAuth === 'none') {
    throw node.at('client_auth_type').error("client_ca_file is given, and no client's certificate is asked for")
  }
  if (!hasCa && (clientAuth === 'verify-if-given' || clientAuth === 'require-and-verify')) {
    throw node.at('client_auth_type').error('client_ca_file is required')
  }
  if (tls.clientAllowedSans !== undefined && clientAuth !== 'require-and-verify') {
    throw node.at('client_allowed_sans').error('needs client_auth_type RequireAndVerifyClientCert')
  }
  if (maxVersion !== undefined && maxVersion < minVersion) throw node.at('max_version').error('is below min_version')
}
