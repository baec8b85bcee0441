import type { Authorization, BasicAuth, HttpClientOptions, SecretSource } from '../http/client-options.js'
import { Secret } from '../http/secret.js'
import { validateHttpClientOptions } from '../http/validate-client-options.js'
import type { ConfigContext } from './config-context.js'
import type { ConfigNode, Fields, SectionParser } from './config-node.js'
import { defined } from './defined.js'
import { assertOneOf } from './exclusive-keys.js'
import { prometheusKeys } from './prometheus-keys.js'
import { parseTls } from './tls-section.js'

/** The keys that `scrape_configs` and `remote_write` share: how a server is spoken to. */
type HttpParsers = {
  readonly basic_auth: SectionParser<BasicAuth>
  readonly authorization: SectionParser<Authorization>
  readonly bearer_token: SectionParser<Secret>
  readonly bearer_token_file: SectionParser<string>
  readonly tls_config: typeof parseTls
  readonly follow_redirects: SectionParser<boolean>
  readonly enable_http2: SectionParser<boolean>
  readonly http_headers: SectionParser<Readonly<Record<string, string | Secret>>>
}

/** Parsers of the shared keys, to be spread into a section's own. */
export const httpParsers: HttpParsers = {
  basic_auth: parseBasicAuth,
  authorization: parseAuthorization,
  bearer_token: (node) => node.secret(),
  bearer_token_file: (node) => node.file(),
  tls_config: parseTls,
  follow_redirects: (node) => node.boolean(),
  enable_http2: (node) => node.boolean(),
  http_headers: parseHttpHeaders,
}

/** The options of the client. `node` is the section that the fields stand in. */
export function toHttpClientOptions(node: ConfigNode, given: Fields<HttpParsers>, context: ConfigContext): HttpClientOptions {
  assertOneOf(node, ['basic_auth', 'authorization', 'bearer_token', 'bearer_token_file'])
  if (given.enable_http2 === true) context.notice(node.at('enable_http2'), 'has no effect: promline speaks HTTP/1.1')
  return defined({
    basicAuth: given.basic_auth,
    authorization: given.authorization ?? bearer(given),
    tls: given.tls_config,
    followRedirects: given.follow_redirects,
    headers: given.http_headers,
  })
}

/** Checks one header and gives it back: its name must be free to set, its value fit for the wire. */
export function checkHeader<T extends string | Secret>(node: ConfigNode, name: string, value: T): T {
  if (name.toLowerCase() === 'authorization') throw node.error('this header is set by basic_auth or authorization')
  node.attempt(() => validateHttpClientOptions({ headers: { [name]: value } }))
  return value
}

function bearer(given: Fields<HttpParsers>): Authorization | undefined {
  const credentials = secretSource(given.bearer_token, given.bearer_token_file)
  return credentials && { type: 'Bearer', credentials }
}

function parseBasicAuth(node: ConfigNode): BasicAuth {
  const given = node.fields(
    { username: (field) => field.string(), password: (field) => field.secret(), password_file: (field) => field.file() },
    { notOffered: prometheusKeys.basicAuth },
  )
  assertOneOf(node, ['password', 'password_file'])
  const basicAuth: BasicAuth = {
    username: given.username ?? '',
    password: secretSource(given.password, given.password_file) ?? { value: new Secret('') },
  }
  node.at('username').attempt(() => validateHttpClientOptions({ basicAuth }))
  return basicAuth
}

function parseAuthorization(node: ConfigNode): Authorization {
  const given = node.fields(
    { type: (field) => field.string().trim(), credentials: (field) => field.secret(), credentials_file: (field) => field.file() },
    { notOffered: prometheusKeys.authorization },
  )
  assertOneOf(node, ['credentials', 'credentials_file'])
  if (given.type?.toLowerCase() === 'basic') throw node.at('type').error('"basic" is what basic_auth is for')
  const credentials = secretSource(given.credentials, given.credentials_file)
  if (credentials === undefined) throw node.error('credentials or credentials_file is required')
  const authorization: Authorization = { type: given.type === undefined || given.type === '' ? 'Bearer' : given.type, credentials }
  node.at('type').attempt(() => validateHttpClientOptions({ authorization }))
  return authorization
}

/** A secret that is given in place or as a file, of which `assertOneOf` allows one. */
export function secretSource(value: Secret | undefined, file: string | undefined): SecretSource | undefined {
  if (value !== undefined) return { value }
  return file === undefined ? undefined : { file }
}

/** `http_headers: { NAME: { values: [...], secrets: [...], files: [...] } }`; several values are one header, joined by commas. */
function parseHttpHeaders(node: ConfigNode): Readonly<Record<string, string | Secret>> {
  const entries = node.entries((header) => {
    const given = header.fields(
      { values: (field) => field.list((item) => item.string()), secrets: (field) => field.list((item) => item.secret()) },
      { notOffered: ['files'] },
    )
    const { values = [], secrets = [] } = given
    const joined = [...values, ...secrets.map((secret) => secret.reveal())].join(', ')
    return { header, value: secrets.length === 0 ? joined : new Secret(joined) }
  })
  return Object.fromEntries(entries.map(([name, { header, value }]) => [name, checkHeader(header, name, value)]))
}
