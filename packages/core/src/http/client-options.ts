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
  /** Follow redirects. Default false for senders; a scrape follows within the origin's credentials rules. */
  readonly followRedirects?: boolean
  readonly headers?: Readonly<Record<string, string | Secret>>
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** A deadline for everything: name look-up, connect, headers and the whole body. */
  readonly timeoutMs: number
  /** Largest body accepted, after decompression. Reaching it ends the request with a PromlineError `limit`. */
  readonly maxBodyBytes: number
  readonly signal?: AbortSignal
}

export interface HttpResponse {
  readonly status: number
  /** Lower-case names; several values joined by ', '. */
  readonly headers: Readonly<Record<string, string>>
  /** Decompressed. */
  readonly body: Uint8Array
}

/**
 * One client for one configured peer (its connections are kept alive). Rejects with PromlineError `timeout`, `connect`, `tls`, `limit`,
 * `protocol`; every status resolves. Errors name the URL without credentials and query.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>
  close(): Promise<void>
}
