import type { IncomingMessage, ServerResponse } from 'node:http'
import { toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import { type Authenticator, createAuthenticator } from './authenticator.js'
import type { HashedCredential } from './credential.js'
import { admit } from './guard.js'
import type { ServerTlsOptions } from './server-tls-options.js'

/** What Prometheus' web.config file asks of a server: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md */
export interface WebConfig {
  readonly tls?: ServerTlsOptions
  /** Who may come in; empty: everybody. */
  readonly users: readonly HashedCredential[]
  /** Set on every answer. */
  readonly headers: Readonly<Record<string, string>>
}

/** A web.config file that is read again when it changes. */
export interface WebConfigSource {
  /** The same object while the file stays the same. Rejects with a PromlineError (`config`) that says where and what. */
  read(): Promise<WebConfig>
}

/** The last configuration that could be used: a server that runs goes on with it while its file is broken, and says so once. */
export class KeptWebConfig {
  readonly #source: WebConfigSource
  readonly #name: string
  readonly #logger: Logger
  #current: WebConfig
  #failure = ''

  private constructor(source: WebConfigSource, current: WebConfig, { name, logger }: { name: string; logger: Logger }) {
    this.#source = source
    this.#current = current
    this.#name = name
    this.#logger = logger
  }

  /** Rejects as the source does: nothing begins with a configuration that is broken. */
  static async open(source: WebConfigSource, options: { name: string; logger: Logger }): Promise<KeptWebConfig> {
    return new KeptWebConfig(source, await source.read(), options)
  }

  async read(): Promise<WebConfig> {
    try {
      this.#current = await this.#source.read()
      this.#failure = ''
    } catch (thrown) {
      const error = toError(thrown)
      if (error.message !== this.#failure)
        this.#logger.error({ error }, `${this.#name}: goes on with the web.config that it had: ${error.message}`)
      this.#failure = error.message
    }
    return this.#current
  }
}

/** Applies headers and users of a web.config to requests. */
export class WebConfigGuard {
  readonly #config: KeptWebConfig
  #users: readonly HashedCredential[] | undefined
  #authenticator: Authenticator | undefined

  constructor(config: KeptWebConfig) {
    this.#config = config
  }

  /** Whether a request may go on; where it may not, it is answered. */
  async admit(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { headers, users } = await this.#config.read()
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (users !== this.#users) {
      this.#users = users
      this.#authenticator = users.length === 0 ? undefined : createAuthenticator(users)
    }
    if (this.#authenticator === undefined) return true
    return (await admit(request, response, { authenticator: this.#authenticator, challenge: 'Basic' })) !== undefined
  }
}
