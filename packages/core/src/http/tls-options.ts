import type { ConnectionOptions } from 'node:tls'
import { secretReader } from './authorization.js'
import { CachedFile } from './cached-file.js'
import type { SecretSource, TlsConfig } from './client-options.js'
import { readTlsFile } from './tls-file.js'

/** A secret as it is now, for a client that is given it once. Rejects with a PromlineError `unavailable` where its file cannot be read. */
export function readSecret(source: SecretSource): Promise<string> {
  return secretReader(source)()
}

/** TLS settings as Node takes them, files as they are now, for a client of another library. Rejects with a PromlineError `tls`. */
export async function loadTlsOptions(tls: TlsConfig): Promise<ConnectionOptions> {
  const { serverName, insecureSkipVerify, minVersion, maxVersion } = tls
  const ca = tls.ca ?? (await readFileOf('ca', tls.caFile))
  const cert = tls.cert ?? (await readFileOf('cert', tls.certFile))
  const key = tls.key?.reveal() ?? (await readFileOf('key', tls.keyFile))
  return {
    rejectUnauthorized: insecureSkipVerify !== true,
    ...(serverName !== undefined && { servername: serverName }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
  }
}

async function readFileOf(name: string, path: string | undefined): Promise<Buffer | undefined> {
  return path === undefined ? undefined : await readTlsFile(name, new CachedFile(path))
}
