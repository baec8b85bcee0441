import {
  type Credential,
  createHttpListener,
  type HttpListener,
  PromlineError,
  type ServerTlsOptions,
  silentLogger,
  webConfigFile as openWebConfigFile,
} from '@promline/core'
import { createHandler, type ExporterHandler, type ExporterHandlerOptions } from './exporter-handler.js'
import { requireCredentials } from './require-credentials.js'

/** Options of `createExporter`. */
export interface ExporterOptions extends ExporterHandlerOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string
  /** Speaks TLS; files are read again when they change. Default: plain HTTP. */
  readonly tls?: ServerTlsOptions
  /** Who may come in, on every path. Default: everybody. */
  readonly credentials?: readonly Credential[]
  /**
   * Prometheus' web.config file, with its TLS, users and headers, read again when it changes; instead of `tls` and `credentials`.
   * https://prometheus.io/docs/prometheus/latest/configuration/https/
   */
  readonly webConfigFile?: string
}

/** A small HTTP server in front of a registry. */
export interface Exporter extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:8000`. */
  readonly url: string
  /** Lets requests under way end, up to the deadline, then closes the port. Safe to call twice. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>
}

/**
 * Serves a registry at `/metrics`. Rejects with a PromlineError: `address` where it cannot listen, `options` for an option out of range,
 * `tls` for a certificate or key that cannot be used, `config` for a web.config file that is broken.
 */
export async function createExporter(options: ExporterOptions): Promise<Exporter> {
  const { handler, release } = createHandler(options)
  let listener: HttpListener
  try {
    listener = await listenAs('exporter', options, handler)
  } catch (error) {
    release()
    throw error
  }
  const close = (closing?: { readonly deadlineMs?: number }): Promise<void> => {
    release()
    return listener.close(closing)
  }
  return { url: listener.url, close, [Symbol.asyncDispose]: () => close() }
}

/**
 * Listens in the name of an exporter, with TLS and behind the logins that the options have. Rejects as `createExporter` does; errors and log
 * begin with the name.
 */
export async function listenAs(
  name: string,
  options: Pick<ExporterOptions, 'listen' | 'tls' | 'credentials' | 'webConfigFile' | 'logger'>,
  handler: ExporterHandler,
): Promise<HttpListener> {
  const { listen, tls, credentials, webConfigFile, logger = silentLogger } = options
  if (webConfigFile !== undefined && (tls !== undefined || credentials !== undefined)) {
    const message = `${name}: webConfigFile excludes tls and credentials: the file has both`
    throw new PromlineError('options', message, { facts: { option: 'webConfigFile' } })
  }
  return createHttpListener({
    name,
    listen,
    handler: credentials === undefined ? handler : requireCredentials(handler, credentials, logger),
    logger,
    ...(tls && { tls }),
    ...(webConfigFile !== undefined && { webConfig: openWebConfigFile(webConfigFile) }),
  })
}
