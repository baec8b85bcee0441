import type { Secret } from './secret.js'

/** A secret given in place or as a file, which is read again when it changes. */
export type SecretSource = { readonly value: Secret } | { readonly file: string }

export interface BasicAuth {
  readonly username: string
  readonly password: SecretSource
}

export interface Authorization {
  /** Default 'Bearer'. */
  readonly type?: string
  readonly credentials: SecretSource
}

export interface TlsConfig {
  readonly ca?: string
  readonly caFile?: string
  readonly cert?: string
  readonly certFile?: string
  readonly key?: Secret
  readonly keyFile?: string
  readonly serverName?: string
  readonly insecureSkipVerify?: boolean
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
}

/** How a server is spoken to: what `scrape_configs` and `remote_write` share. */
export interface HttpClientOptions {
  readonly basicAuth?: BasicAuth
  readonly authorization?: Authorization
  readonly tls?: TlsConfig
  /**
   * Follow redirects of requests without a body, at most 10, never from https to http. Credentials and `headers` go to the first origin
   * only. Default false; `validateScrapeConfig` sets it for scrapes, as Prometheus does.
   */
  readonly followRedirects?: boolean
  readonly headers?: Readonly<Record<string, string | Secret>>
  /**
   * An attempt to connect is given up after this, and with it the request. Default 8,000: the system asks again after 1, 3 and 7 s, and would
   * do so next after 15 s, long after a network has healed; whoever tries again is there sooner.
   */
  readonly connectTimeoutMs?: number
  /**
   * Whether `http:` URLs are spoken to over plain sockets by promline's own HTTP/1.1 client, which costs a third of undici's CPU time and
   * none of its memory. Default true; undici, which always serves `https:`, does both otherwise.
   */
  readonly rawHttp?: boolean
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  /** Of its own. They must not change: the same object is checked once, and what it comes to is kept with it. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Sent as it is, without a copy: it must not change until the request is over. Over promline's own sockets (`rawHttp`) nothing reads it any
   * more once the request has resolved, also where the server answered before it had read all of it.
   */
  readonly body?: Uint8Array
  /** A deadline for everything: name look-up, connect, headers and the whole body. */
  readonly timeoutMs: number
  /** A body that reaches this size, after decompression, ends the request with a PromlineError `limit`. */
  readonly maxBodyBytes: number
  readonly signal?: AbortSignal
  /**
   * Asked when the head of the response is there: what it returns is given the body piece by piece while it arrives, decompressed, and
   * `HttpResponse.body` stays empty. Where it returns nothing the body is gathered. Not asked about redirects that are followed. What
   * it or the consumer throws ends the request with that error.
   */
  readonly consume?: (head: HttpResponseHead) => BodyConsumer | undefined
}

/**
 * Takes the next piece of a body. The memory of the piece is lent until the call returns or its promise settles, and is overwritten then;
 * no further piece comes before.
 */
export type BodyConsumer = (piece: Uint8Array) => void | Promise<void>

export interface HttpResponseHead {
  readonly status: number
  /** Lower-case names; several values joined by ', '. */
  readonly headers: Readonly<Record<string, string>>
}

export interface HttpResponse extends HttpResponseHead {
  /** Decompressed. */
  readonly body: Uint8Array
}

/**
 * One client for one configured peer (its connections are kept alive). Rejects with PromlineError `timeout`, `connect`, `tls`, `limit`,
 * `protocol`, or `unavailable` (a file of credentials cannot be read, or the caller's signal aborted); every status resolves. Errors name
 * the URL without credentials and query.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>
  /** Lets requests under way end; later ones are refused (`closed`). Safe to call twice. */
  close(): Promise<void>
}
