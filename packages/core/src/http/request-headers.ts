import { PromlineError } from '../model/errors.js'
import { type AuthorizationReader, createAuthorizationReader } from './authorization.js'
import type { HttpClientOptions } from './client-options.js'
import type { Hop } from './redirect.js'
import { headerName, headerValue } from './validate-client-options.js'

/** Headers that say how a message goes over its connection: the transport's own. */
const transportHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Those of a request. */
type OwnHeaders = Readonly<Record<string, string>>

/** Puts a request's headers together: the client's own, those of the request, and, for the configured peer, those of the options. */
export class RequestHeaders {
  readonly #userAgent: string
  readonly #configured: readonly (readonly [name: string, value: () => string])[]
  readonly #authorization: AuthorizationReader
  /** Whether no configured header and no credentials are added, which may change. */
  readonly #isFixed: boolean

  /** Throws a PromlineError (`options`) where the user agent cannot go onto the wire. */
  constructor(options: HttpClientOptions & { readonly userAgent: string }) {
    this.#userAgent = checkedValue('user-agent', options.userAgent)
    this.#authorization = createAuthorizationReader(options)
    this.#isFixed = options.basicAuth === undefined && options.authorization === undefined && options.headers === undefined
    this.#configured = Object.entries(options.headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      () => (typeof value === 'string' ? value : value.reveal()),
    ])
  }

  /**
   * The headers of a hop; a promise only where a file has to be read. Fails with a PromlineError: as the authorization does, or `options`
   * where a header of the request cannot go onto the wire.
   */
  of(own: OwnHeaders | undefined, hop: Hop): Record<string, string> | Promise<Record<string, string>> {
    const headers = this.#checked(own)
    if (!hop.trusted) return headers
    for (const [name, value] of this.#configured) headers[name] = value()
    const authorization = this.#authorization(hop.url)
    return authorization instanceof Promise ? authorization.then((value) => authorize(headers, value)) : authorize(headers, authorization)
  }

  /** The headers of a first hop, where they are the same for every request: nothing secret is configured. Fails as `of` does. */
  fixedOf(own: OwnHeaders, { url }: Hop): Record<string, string> | undefined {
    const authorization = this.#isFixed ? this.#authorization(url) : undefined
    if (!this.#isFixed || authorization instanceof Promise) return undefined
    return authorize(this.#checked(own), authorization)
  }

  #checked(own: OwnHeaders | undefined): Record<string, string> {
    const headers: Record<string, string> = { 'user-agent': this.#userAgent, 'accept-encoding': 'gzip' }
    for (const [name, value] of Object.entries(own ?? {})) headers[checkedName(name)] = checkedValue(name, value)
    return headers
  }
}

function authorize(headers: Record<string, string>, authorization: string | undefined): Record<string, string> {
  if (authorization !== undefined) headers['authorization'] = authorization
  return headers
}

function checkedName(name: string): string {
  const lowerCase = name.toLowerCase()
  if (!headerName.test(name)) throw new PromlineError('options', `header name ${JSON.stringify(name)} is not a token`)
  if (transportHeaders.has(lowerCase)) throw new PromlineError('options', `header ${JSON.stringify(name)} is set by the client`)
  return lowerCase
}

function checkedValue(name: string, value: string): string {
  if (headerValue.test(value)) return value
  throw new PromlineError('options', `header ${JSON.stringify(name)} has a value with characters that a header cannot carry`)
}
