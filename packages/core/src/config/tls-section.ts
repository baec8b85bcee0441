import type { TlsConfig } from '../http/client-options.js'
import { validateHttpClientOptions } from '../http/validate-client-options.js'
import type { ConfigNode } from './config-node.js'
import { defined } from './defined.js'
import { assertOneOf } from './exclusive-keys.js'
import { prometheusKeys } from './prometheus-keys.js'

const versions = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const
const versionNames = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const

/** A version of TLS, as Go's programs write it: `TLS12`. */
export function tlsVersion(node: ConfigNode): (typeof versions)[keyof typeof versions] {
  return versions[node.choice(versionNames)]
}

/** `tls_config`. A pair of certificate and key must be complete, and each is given in place or as a file. */
export function parseTls(node: ConfigNode): TlsConfig {
  const given = node.fields(
    {
      ca: (field) => field.string(),
      ca_file: (field) => field.file(),
      cert: (field) => field.string(),
      cert_file: (field) => field.file(),
      key: (field) => field.secret(),
      key_file: (field) => field.file(),
      server_name: (field) => field.string(),
      insecure_skip_verify: (field) => field.boolean(),
      min_version: tlsVersion,
      max_version: tlsVersion,
    },
    { notOffered: prometheusKeys.tls },
  )
  for (const key of ['ca', 'cert', 'key']) assertOneOf(node, [key, `${key}_file`])
  const tls: TlsConfig = defined({
    ca: given.ca,
    caFile: given.ca_file,
    cert: given.cert,
    certFile: given.cert_file,
    key: given.key,
    keyFile: given.key_file,
    serverName: given.server_name,
    insecureSkipVerify: given.insecure_skip_verify,
    minVersion: given.min_version,
    maxVersion: given.max_version,
  })
  if (tls.minVersion !== undefined && tls.maxVersion !== undefined && tls.minVersion > tls.maxVersion) {
    throw node.at('max_version').error('is below min_version')
  }
  node.attempt(() => validateHttpClientOptions({ tls }))
  return tls
}
