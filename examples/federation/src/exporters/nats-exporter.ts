import type { Logger } from '@promline/core'
import { createExporter, createNatsCollector, type Exporter } from '@promline/exporter-kit'

export interface NatsExporterOptions {
  /** `host:port`. */
  readonly listen: string
  /** Of the monitoring endpoints of the servers. */
  readonly servers: readonly string[]
  /** Before all names. */
  readonly prefix: string
  /** From one look at a server to the next. */
  readonly intervalMs: number
  /** TLS and users of the listener, in Prometheus' format. Default: plain HTTP, for everybody. */
  readonly webConfigFile?: string
  readonly logger: Logger
}

/**
 * The NATS exporter. It has values as soon as the servers answer, which it does not wait for. Throws a PromlineError (`options`) for a URL or
 * a prefix that cannot be, and rejects with one (`address`) where it cannot listen, with nothing left open.
 */
export async function startNatsExporter(options: NatsExporterOptions): Promise<Exporter> {
  const { listen, servers, prefix, intervalMs, webConfigFile, logger } = options
  const targets = servers.map((url) => ({ url }))
  // The names of JetStream's totals that the original's text has are offered as well.
  const collector = createNatsCollector({ servers: targets, prefix, intervalMs, aliases: true, logger })
  let exporter: Exporter
  try {
    exporter = await createExporter({ listen, registry: collector, logger, ...(webConfigFile !== undefined && { webConfigFile }) })
  } catch (error) {
    await collector.close()
    throw error
  }
  const close = async (): Promise<void> => {
    await exporter.close()
    await collector.close()
  }
  return { url: exporter.url, close, [Symbol.asyncDispose]: close }
}
