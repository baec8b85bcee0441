import { type Exporter, type ExporterOptions, listenAs } from '../exporter/exporter.js'
import type { Poller } from '../poller/poller.js'
import type { UsdtMarket } from './market.js'
import { simulatedMarket } from './simulated-market.js'
import { createUsdtHandler } from './usdt-handler.js'
import { createUsdtPoller, type UsdtPollerOptions, type UsdtRate } from './usdt-poller.js'

/** Options of `createUsdtExporter`. */
export interface UsdtExporterOptions
  extends Omit<UsdtPollerOptions, 'market'>,
    Pick<ExporterOptions, 'listen' | 'tls' | 'credentials' | 'webConfigFile'> {
  /** Default: `simulatedMarket()`. It is closed with the exporter, and stays as it is where that cannot be made. */
  readonly market?: UsdtMarket
}

/** A running exporter of the rate. */
export interface UsdtExporter extends Exporter {
  /** To ask for the rate, or to have it searched for now. */
  readonly poller: Poller<UsdtRate>
}

/**
 * Serves the rate of USDT in VND (see `createUsdtHandler`) and searches for it every ten minutes, the first time at once. Rejects with a
 * PromlineError: `address` where it cannot listen, `options` for an option out of range, `tls` and `config` as `createExporter` does.
 */
export async function createUsdtExporter(options: UsdtExporterOptions): Promise<UsdtExporter> {
  const { logger, clock, market = simulatedMarket(clock && { clock }) } = options
  const poller = createUsdtPoller({ ...options, market })
  const handler = createUsdtHandler({ poller, ...(logger && { logger }), ...(clock && { clock }) })
  const listener = await listenAs('USDT exporter', options, handler)
  poller.start()
  const close = async (closing?: { readonly deadlineMs?: number }): Promise<void> => {
    await Promise.all([listener.close(closing), poller.close()])
    await market.close?.()
  }
  return { url: listener.url, poller, close, [Symbol.asyncDispose]: () => close() }
}
