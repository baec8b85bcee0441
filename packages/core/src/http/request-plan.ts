import type { HttpRequest } from './client-options.js'
import { firstHop, type Hop } from './redirect.js'
import type { RequestHeaders } from './request-headers.js'
import type { WireRequest } from './transport.js'

/** What a request comes to before anything of it is sent. */
export interface RequestPlan {
  readonly hop: Hop
  /** As it goes over the wire; undefined where that has to be made each time: it has a body, or credentials that may change. */
  readonly wire: WireRequest | undefined
}

interface Entry extends RequestPlan {
  readonly url: string
  readonly method: HttpRequest['method']
}

/**
 * Plans of requests. Who asks for the same thing again and again, with the same object of headers, has it read and checked once: a URL
 * parsed and a head put together are most of what a small request costs before it is sent.
 */
export class RequestPlans {
  readonly #headers: RequestHeaders
  readonly #entries = new WeakMap<object, Entry>()

  constructor(headers: RequestHeaders) {
    this.#headers = headers
  }

  /** Throws a PromlineError: `protocol` for a URL that is none, `options` for a header that cannot go onto the wire. */
  of(request: HttpRequest): RequestPlan {
    const { url, method, headers } = request
    if (headers === undefined) return { hop: firstHop(url), wire: undefined }
    const known = this.#entries.get(headers)
    if (known !== undefined && known.url === url && known.method === method) {
      return request.body === undefined ? known : { hop: known.hop, wire: undefined }
    }
    const hop = firstHop(url)
    const fixed = this.#headers.fixedOf(headers, hop)
    const wire =
      fixed === undefined || request.body !== undefined
        ? undefined
        : { ...hop, method, headers: fixed, body: undefined, comesAgain: true as const }
    const entry = { url, method, hop, wire }
    this.#entries.set(headers, entry)
    return entry
  }
}
