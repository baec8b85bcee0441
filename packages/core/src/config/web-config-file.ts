import { readFile } from 'node:fs/promises'
import { CachedFile } from '../http/cached-file.js'
import { type HashedCredential, validateCredential } from '../http/credential.js'
import { validateHttpClientOptions } from '../http/validate-client-options.js'
import type { WebConfig, WebConfigSource } from '../http/web-config.js'
import { PromlineError, toError } from '../model/errors.js'
import type { ConfigNode } from './config-node.js'
import { parseTlsServer } from './tls-server-section.js'
import { parseRoot } from './yaml-root.js'

/**
 * Reads a web.config file as Prometheus and its exporters have it (exporter-toolkit): `tls_server_config`, `basic_auth_users` with bcrypt
 * hashes, `http_server_config.headers`. Paths in it begin at its folder. Rejects with a ConfigError, `FILE:LINE:COLUMN: PATH: message`, or
 * a PromlineError (`config`) where the file cannot be read.
 * https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
export async function loadWebConfig(file: string): Promise<WebConfig> {
  return parseWebConfig((await attemptRead(file, () => readFile(file))).toString('utf8'), file)
}

/**
 * The same file for `HttpListenerOptions.webConfig`: read again when it changes. One that is written in place is empty for a moment, which
 * would let everybody in: a file that had something to say and is empty is refused like a broken one. Better is to rename a new one over it.
 */
export function webConfigFile(file: string): WebConfigSource {
  const cached = new CachedFile(file)
  let content: Buffer | undefined
  let config: WebConfig | undefined
  return {
    async read() {
      const current = await attemptRead(file, () => cached.read())
      if (config === undefined || current !== content) {
        const text = current.toString('utf8')
        if (config !== undefined && text.trim() === '') throw new PromlineError('config', `${file}: is empty`, { facts: { file } })
        config = parseWebConfig(text, file)
        content = current
      }
      return config
    },
  }
}

/** The configuration in a text. Throws a ConfigError. */
export function parseWebConfig(text: string, file: string): WebConfig {
  const given = parseRoot(text, file).fields(
    { tls_server_config: parseTlsServer, basic_auth_users: parseUsers, http_server_config: parseHttpServer },
    { notOffered: ['rate_limit'] },
  )
  return {
    ...(given.tls_server_config !== undefined && { tls: given.tls_server_config }),
    users: given.basic_auth_users ?? [],
    headers: given.http_server_config ?? {},
  }
}

function parseUsers(node: ConfigNode): readonly HashedCredential[] {
  return node
    .entries((field) => ({ field, passwordHash: field.secret() }))
    .map(([username, { field, passwordHash }]) => {
      const user: HashedCredential = { kind: 'basic', username, passwordHash }
      field.attempt(() => validateCredential(user))
      return user
    })
}

function parseHttpServer(node: ConfigNode): Readonly<Record<string, string>> {
  const given = node.fields({ headers: parseHeaders, http2: (field) => field.boolean() })
  return given.headers ?? {}
}

function parseHeaders(node: ConfigNode): Readonly<Record<string, string>> {
  const entries = node.entries((field) => ({ field, value: field.string() }))
  for (const [name, { field, value }] of entries) field.attempt(() => validateHttpClientOptions({ headers: { [name]: value } }))
  return Object.fromEntries(entries.map(([name, { value }]) => [name, value]))
}

async function attemptRead(file: string, read: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await read()
  } catch (error) {
    throw new PromlineError('config', `cannot read the web.config file: ${toError(error).message}`, { cause: error, facts: { file } })
  }
}
