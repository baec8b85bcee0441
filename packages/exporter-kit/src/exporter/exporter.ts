import { createHttpListener } from '@promline/core'
import { createExporterHandler, type ExporterHandlerOptions } from './exporter-handler.js'

/** Options of `createExporter`. */
export interface ExporterOptions extends ExporterHandlerOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string
}

/** A small HTTP server in front of a registry. */
export interface Exporter extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:8000`. */
  readonly url: string
  /** Lets requests under way end, up to the deadline, then closes the port. Safe to call twice. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>
}

/** Serves a registry at `/metrics`. Rejects with a PromlineError (`address`) where it cannot listen. */
export async function createExporter(options: ExporterOptions): Promise<Exporter> {
  const { listen, logger } = options
  const handler = createExporterHandler(options)
  const listener = await createHttpListener({ name: 'exporter', listen, handler, ...(logger && { logger }) })
  return {
    url: listener.url,
    close: (closing) => listener.close(closing),
    [Symbol.asyncDispose]: () => listener.close(),
  }
}
