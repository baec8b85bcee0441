import { CachedFile } from '../cached-file.js'
import type { TlsConfig } from '../client-options.js'
import { readTlsFile } from '../tls-file.js'
import { Connector, type ConnectorOptions, type TlsMaterial } from './connector.js'

/** The connector of a client, made anew when a file of its TLS settings changes. */
export class Connectors {
  readonly #tls: TlsConfig
  readonly #connectTimeoutMs: number
  readonly #files: readonly (readonly [name: keyof TlsMaterial, file: CachedFile])[]
  #material: TlsMaterial | undefined
  #own: Connector | undefined
  #foreign: Connector | undefined
  #refreshing: Promise<void> | undefined

  constructor(connectTimeoutMs: number, tls: TlsConfig = {}) {
    this.#tls = tls
    this.#connectTimeoutMs = connectTimeoutMs
    this.#files = (
      [
        ['ca', tls.caFile],
        ['cert', tls.certFile],
        ['key', tls.keyFile],
      ] as const
    ).flatMap(([name, path]) => (path === undefined ? [] : [[name, new CachedFile(path)] as const]))
  }

  /** For the configured peer. Rejects with a PromlineError (`tls`) where a file cannot be read. */
  async own(): Promise<Connector> {
    await this.#refresh()
    const { serverName } = this.#tls
    this.#own ??= new Connector({ ...this.#policy(), ...this.#material, ...(serverName !== undefined && { serverName }) })
    return this.#own
  }

  /** For another origin that a redirect leads to: it gets no client certificate, and the configured server name is not its own. */
  async foreign(): Promise<Connector> {
    await this.#refresh()
    const ca = this.#material?.ca
    this.#foreign ??= new Connector({ ...this.#policy(), ...(ca !== undefined && { ca }) })
    return this.#foreign
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    // Not `close`, which waits for requests that were given up as well, as long as the system tries to connect for them.
    await Promise.all([this.#own?.agent.destroy(), this.#foreign?.agent.destroy()])
  }

  #policy(): Pick<ConnectorOptions, 'connectTimeoutMs' | 'insecureSkipVerify' | 'minVersion' | 'maxVersion'> {
    const { insecureSkipVerify, minVersion, maxVersion } = this.#tls
    return {
      connectTimeoutMs: this.#connectTimeoutMs,
      ...(insecureSkipVerify !== undefined && { insecureSkipVerify }),
      ...(minVersion !== undefined && { minVersion }),
      ...(maxVersion !== undefined && { maxVersion }),
    }
  }

  /** Requests that begin together look at the files together, so that none closes what another has just made. */
  async #refresh(): Promise<void> {
    if (this.#files.length === 0 && this.#material !== undefined) return
    this.#refreshing ??= this.#renew().finally(() => {
      this.#refreshing = undefined
    })
    await this.#refreshing
  }

  async #renew(): Promise<void> {
    const material = await this.#load()
    const known = this.#material
    if (known !== undefined && known.ca === material.ca && known.cert === material.cert && known.key === material.key) return
    const old = [this.#own, this.#foreign]
    this.#own = undefined
    this.#foreign = undefined
    this.#material = material
    // Requests under way end on their old connections; one that has only just been given its connector still has to begin.
    setImmediate(() => {
      for (const connector of old) connector?.agent.close().catch(() => {})
    })
  }

  async #load(): Promise<TlsMaterial> {
    const { ca, cert, key } = this.#tls
    const read: [string, Buffer][] = await Promise.all(this.#files.map(async ([name, file]) => [name, await readTlsFile(name, file)]))
    return {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key: key.reveal() }),
      ...Object.fromEntries(read),
    }
  }
}
