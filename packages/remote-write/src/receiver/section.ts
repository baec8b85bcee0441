import {
  assertOneOf,
  checkedString,
  type ConfigNode,
  createLabels,
  type Credential,
  defined,
  type Labels,
  parseTlsServer,
  type SectionParser,
} from '@promline/core'
import { type RemoteWriteClient, validateClientName, validateClients } from './clients.js'
import { validateReceiverOptions } from './config.js'
import { assertPath, type RemoteWriteSourceOptions } from './source.js'

/** What the section `remote_write_receiver` gives: options of `createRemoteWriteSource`, those that were given. */
export type ReceiverSection = Pick<
  RemoteWriteSourceOptions,
  | 'listen'
  | 'path'
  | 'tls'
  | 'clients'
  | 'maxBodyBytes'
  | 'maxDecodedBytes'
  | 'maxPendingBytes'
  | 'readTimeoutMs'
  | 'writeTimeoutMs'
  | 'maxFutureMs'
>

const defaultListen = '127.0.0.1:9201'
/** An hour: no client waits so long. */
const maxTimeoutMs = 3_600_000

/**
 * Reads the section `remote_write_receiver` of a configuration, as in `loadConfig(text, { sections: { remote_write_receiver: ... } })`:
 *
 *     remote_write_receiver:
 *       listen: 0.0.0.0:9201                 # default 127.0.0.1:9201
 *       path: /api/v1/write
 *       tls_server_config: { cert_file: server.pem, key_file: server.key }   # the keys of Prometheus' web.config
 *       clients:                             # none: everybody may write
 *         - name: nats-primary
 *           basic_auth: { username: nats-primary, password_hash: $2b$12$... }   # or password, password_file
 *           labels: { cluster: nats-primary }   # every series gets them, whatever it says
 *           on_conflict: replace             # or refuse: 400 where a series says something else
 *           tenant: team-a
 *           max_pending_bytes: 64MiB
 *         - name: another-cluster
 *           authorization: { credentials_file: another.token }   # a bearer token; or credentials
 *           labels: { cluster: another-cluster }
 *       max_body_bytes: 32MiB                # and max_decoded_bytes, max_pending_bytes
 *       write_timeout: 25s                   # and read_timeout
 *       max_future: 10m
 *
 * Throws a ConfigError.
 */
export const parseReceiverSection: SectionParser<ReceiverSection> = (node) => {
  const given = node.fields({
    listen: (field) => field.address(),
    path: checkedString(assertPath),
    tls_server_config: parseTlsServer,
    clients: parseClients,
    max_body_bytes: (field) => field.bytes({ min: 1 }),
    max_decoded_bytes: (field) => field.bytes({ min: 1 }),
    max_pending_bytes: (field) => field.bytes({ min: 1 }),
    read_timeout: (field) => field.durationMs({ min: 1, max: maxTimeoutMs }),
    write_timeout: (field) => field.durationMs({ min: 1, max: maxTimeoutMs }),
    max_future: (field) => field.durationMs(),
  })
  const section: ReceiverSection = {
    listen: given.listen ?? defaultListen,
    ...defined({
      path: given.path,
      tls: given.tls_server_config,
      clients: given.clients,
      maxBodyBytes: given.max_body_bytes,
      maxDecodedBytes: given.max_decoded_bytes,
      maxPendingBytes: given.max_pending_bytes,
      readTimeoutMs: given.read_timeout,
      writeTimeoutMs: given.write_timeout,
      maxFutureMs: given.max_future,
    }),
  }
  node.attempt(() => validateReceiverOptions(section))
  return section
}

/** Each with those before it, so that an error stands at the one that must change. */
function parseClients(node: ConfigNode): readonly RemoteWriteClient[] {
  const clients: RemoteWriteClient[] = []
  node.list((item) => {
    clients.push(parseClient(item))
    item.attempt(() => validateClients(clients))
  })
  if (clients.length === 0) node.attempt(() => validateClients(clients))
  return clients
}

function parseClient(node: ConfigNode): RemoteWriteClient {
  const given = node.fields(
    {
      name: checkedString(validateClientName),
      basic_auth: parseBasicAuth,
      authorization: parseAuthorization,
      labels: parseEnforcedLabels,
      on_conflict: (field) => field.choice(['replace', 'refuse']),
      tenant: (field) => field.string(),
      max_pending_bytes: (field) => field.bytes({ min: 1 }),
    },
    { required: ['name'] },
  )
  const credentials: Credential[] = []
  if (given.basic_auth !== undefined) credentials.push(given.basic_auth)
  if (given.authorization !== undefined) credentials.push(given.authorization(given.name))
  if (credentials.length === 0) throw node.error('basic_auth or authorization is required')
  return {
    name: given.name,
    credentials,
    ...defined({
      enforcedLabels: given.labels,
      onConflict: given.on_conflict,
      tenant: given.tenant,
      maxPendingBytes: given.max_pending_bytes,
    }),
  }
}

function parseBasicAuth(node: ConfigNode): Credential {
  const { username, password, password_file, password_hash } = node.fields(
    {
      username: (field) => field.string(),
      password: (field) => field.secret(),
      password_file: (field) => field.file(),
      password_hash: (field) => field.secret(),
    },
    { required: ['username'] },
  )
  assertOneOf(node, ['password', 'password_file', 'password_hash'])
  if (password !== undefined) return { kind: 'basic', username, password }
  if (password_file !== undefined) return { kind: 'basic', username, passwordFile: password_file }
  if (password_hash !== undefined) return { kind: 'basic', username, passwordHash: password_hash }
  throw node.error('password, password_file or password_hash is required')
}

/** As Prometheus' `authorization`, for tokens alone. What it gives still wants the client's name. */
function parseAuthorization(node: ConfigNode): (name: string) => Credential {
  const { type, credentials, credentials_file } = node.fields({
    type: (field) => field.string(),
    credentials: (field) => field.secret(),
    credentials_file: (field) => field.file(),
  })
  assertOneOf(node, ['credentials', 'credentials_file'])
  if (type !== undefined && type.trim().toLowerCase() !== 'bearer') throw node.at('type').error(`${JSON.stringify(type)} is not Bearer`)
  if (credentials !== undefined) return (name) => ({ kind: 'bearer', name, token: credentials })
  if (credentials_file !== undefined) return (name) => ({ kind: 'bearer', name, tokenFile: credentials_file })
  throw node.error('credentials or credentials_file is required')
}

function parseEnforcedLabels(node: ConfigNode): Labels {
  const pairs = node.entries((field) => {
    if (field.isEmpty || field.string() === '') throw field.error('an enforced label needs a value')
    return field.string()
  })
  return node.attempt(() => createLabels(pairs))
}
